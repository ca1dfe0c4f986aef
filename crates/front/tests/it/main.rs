//! The way in on real sockets.

#![allow(missing_docs)]

mod load;
mod rough;
mod tls;
