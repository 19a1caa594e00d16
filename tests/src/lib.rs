//! Stories, scenarios, faults and tidiness.
