//! Bytes with which an import asks a running Picket, of this version or another, whether it takes new jurisdictions.

use std::sync::Arc;

use picket_bus::{Bus, Client, MemoryBus};

use super::access::Access;

#[tokio::test]
async fn whether_jurisdictions_are_taken_is_asked_as_it_always_was() {
    // That nothing is added asks whether a running Picket takes new jurisdictions at all.
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let mut requests = bus.serve("picket.territory").await.unwrap();
    let serving = async {
        let request = requests.next().await.unwrap();
        assert_eq!(request.body, b"{\"jurisdictions\":{}}");
        request.reply(Vec::new());
    };
    let access = Access::Running(Client::new(bus.clone()));
    let ((), taken) = tokio::join!(serving, access.takes_jurisdictions());
    assert!(taken.is_ok());
}
