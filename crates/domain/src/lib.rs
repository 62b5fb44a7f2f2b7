//! The rules of Tenure.
