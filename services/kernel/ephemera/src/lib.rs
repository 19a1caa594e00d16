//! What may be lost: leases, token buckets, small values.
