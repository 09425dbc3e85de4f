//! A whole Housekey in a test process.

pub mod databases;
