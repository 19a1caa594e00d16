//! How commands and questions travel.
