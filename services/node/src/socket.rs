//! The bus through a socket: how other commands reach the process that keeps a data folder.
//!
//! One JSON document a line, both ways. The socket belongs to the owner of the folder (0600); whoever can
//! open it is trusted to say who acts, as whoever can open the folder would be. It passes the bus contract.

mod client;
mod lines;
mod server;
#[cfg(test)]
mod wire_tests;

pub use client::SocketBus;
pub use server::SocketServer;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use async_trait::async_trait;
    use picket_bus::{Bus, BusError, Requests};

    use super::*;

    struct Both {
        bus: SocketBus,
        _server: SocketServer,
        _folder: tempfile::TempDir,
    }

    #[async_trait]
    impl Bus for Both {
        async fn ask(
            &self,
            subject: &str,
            body: Vec<u8>,
            patience: Duration,
        ) -> Result<Vec<u8>, BusError> {
            self.bus.ask(subject, body, patience).await
        }
        async fn serve(&self, subject: &str) -> Result<Requests, BusError> {
            self.bus.serve(subject).await
        }
        async fn tell(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
            self.bus.tell(subject, body).await
        }
    }

    async fn make() -> Arc<Both> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("picket.sock");
        let server = SocketServer::bind(&path, Arc::new(picket_bus::MemoryBus::new())).unwrap();
        Arc::new(Both {
            bus: SocketBus::connect(&path).await.unwrap(),
            _server: server,
            _folder: folder,
        })
    }

    picket_bus::bus_contract!(make);
}
