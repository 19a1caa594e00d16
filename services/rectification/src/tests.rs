//! The rectification book, tried from outside: facts and wishes in, events and refusals out.

mod cases;
mod facts;
mod fixes;
mod joint;
mod laws;
mod leads;
mod orders;
mod routing;
mod sanctions;
mod world;
