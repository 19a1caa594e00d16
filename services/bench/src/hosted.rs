//! The books of a measurement on NATS, kept as a process of a cluster keeps them.

use picket_node::clustered::Clustered;
use picket_node::clustered::connection::Cluster;
use picket_node::folder::Owned;
use picket_node::problem::Failure;

/// The books of a measurement as a process of a cluster keeps them.
pub(super) struct Hosted {
    pub(super) node: Clustered,
    pub(super) keeping: Cluster,
    /// The server's process, where it is the bench's own.
    pub(super) server: Option<u32>,
    pub(super) stream: String,
    pub(super) _owned: Owned,
}

impl Hosted {
    /// Gives the books up and takes their stream away.
    pub(super) async fn close(self) -> Result<(), Failure> {
        self.node.close().await;
        self.keeping.forget(&self.stream).await
    }
}
