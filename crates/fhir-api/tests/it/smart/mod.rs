//! Programs and their tokens, asked of the running router: what is given, and everything that is refused.

mod bound;
mod desk;
mod given;
mod merged;
mod narrowed;
mod persons;
mod refused;
