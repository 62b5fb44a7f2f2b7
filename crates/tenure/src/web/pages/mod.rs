//! What the pages of the desk and of the portal share: forms and frames, words and times, and everything that a
//! person does about their own account.

pub(in crate::web) mod attach;
pub(in crate::web) mod conversation;
pub(in crate::web) mod device;
pub(in crate::web) mod form;
pub(in crate::web) mod frame;
pub(in crate::web) mod help;
pub(in crate::web) mod item;
pub(in crate::web) mod links;
pub(in crate::web) mod me;
pub(in crate::web) mod picture;
pub(in crate::web) mod sign_in;
pub(in crate::web) mod talk;
pub(in crate::web) mod words;
pub(in crate::web) mod zones;
