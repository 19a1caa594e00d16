//! Stories, scenarios, faults and tidiness.

pub mod xiaogan;
