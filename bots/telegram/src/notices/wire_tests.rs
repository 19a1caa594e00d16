//! Name and value that say that an attempt was carried: bots of other versions look there before they carry it.

use picket_ephemera::{Ephemera, MemoryEphemera};

use super::*;
use crate::bot::wire_tests::alone;

#[tokio::test]
async fn an_attempt_is_marked_as_carried_as_it_always_was() {
    let handed = r#"{"notice":{"jurisdiction":"420902","notice":"N-501","to":"420902/P-0017","kind":"offer","about":"T-2041","at":"2026-03-04T02:12:00Z","with":{}},"attempt":2,"until":"2026-03-04T02:27:00Z"}"#;
    let handed: Handed = serde_json::from_str(handed).unwrap();
    let kept = Arc::new(MemoryEphemera::new());
    assert!(alone(&kept).notices.is_first(&handed).await);
    assert_eq!(
        kept.get("telegram/7000000001/carried/420902/N-501/2").await,
        Ok(Some(b"1".to_vec()))
    );
    assert!(!alone(&kept).notices.is_first(&handed).await);
}
