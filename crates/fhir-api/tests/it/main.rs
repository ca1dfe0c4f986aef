//! The face in front of the real door, over a store in memory.

mod beyond;
mod asks;
mod binary;
mod bulk;
mod bundle;
mod caller;
mod capabilities;
mod clinic;
mod conditional;
mod create;
mod everything;
mod graphql;
mod history;
mod malformed;
mod matching;
mod negotiate;
mod operations;
mod own_parameters;
mod read;
mod refusals;
mod search;
mod shared_data;
mod subscriptions;
mod terminology;
mod update;
mod validate;
