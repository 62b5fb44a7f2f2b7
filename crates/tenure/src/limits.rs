//! How much anyone may send. Over a limit is an error that names the field and the limit; nothing is cut.

use std::time::Duration;

use crate::config::{
    Endings,
    setting::{any, lasting, section, within},
};

section! {
    /// Limits on input (ASVS 5.0 1.4.1, 2.1.3, 5.2.1). Lengths are in characters unless named otherwise.
    pub struct Limits {
        /// Longest name of a person, a team or the workspace, in characters.
        name: usize = 200, within(1..=1_000);
        /// Longest email address, in characters. RFC 5321 allows 254.
        email: usize = 254, within(16..=1_000);
        /// Longest reason, in characters.
        reason: usize = 2_000, within(1..=100_000);
        /// Longest message, and longest description of an item or a project, in characters.
        message: usize = 100_000, within(1..=1_000_000);
        /// Longest search, in characters.
        search: usize = 200, within(1..=10_000);
        /// Longest password, in bytes. At least 64 characters must be possible (ASVS 6.2.9).
        password_bytes: usize = 1_000, within(256..=10_000);
        /// Largest request body, in bytes; pictures and other uploads have a limit of their own.
        body_bytes: usize = 1_048_576, within(16_384..=104_857_600);
        /// Largest upload, in bytes.
        upload_bytes: usize = 104_857_600, within(16_384..=10_737_418_240);
        /// Largest file attached to a message, in bytes.
        attachment_bytes: usize = 26_214_400, within(1_024..=1_073_741_824);
        /// Most files attached to one message.
        attachments: usize = 10, within(1..=100);
        /// Endings of files that are not taken as attachments, divided by commas: what a machine would run when it is
        /// opened by mistake.
        refused_files: Endings = Endings::default(), any("endings of file names divided by commas, such as \"exe, bat\"");
        /// Largest picture of a person, in bytes.
        picture_bytes: usize = 1_048_576, within(1_024..=104_857_600);
        /// Most pixels of a picture's width and of its height: few bytes can hold many.
        picture_pixels: usize = 4_096, within(64..=65_535);
        /// How long a request may take from its first byte to the whole answer.
        request_time: Duration = Duration::from_secs(30), lasting(Duration::from_secs(1)..=Duration::from_hours(1));
        /// How long sending a file may take: a picture, or people to be imported.
        upload_time: Duration = Duration::from_mins(15), lasting(Duration::from_secs(1)..=Duration::from_hours(24));
        /// How long requests under way may take when the server is told to end; then their connections are closed.
        drain_time: Duration = Duration::from_secs(10), lasting(Duration::from_secs(1)..=Duration::from_hours(1));
        /// Most people that one action may be about.
        bulk_people: usize = 10_000, within(1..=100_000);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_documentation() {
        let limits = Limits::default();
        assert_eq!((limits.name, limits.email, limits.reason), (200, 254, 2_000));
        assert_eq!(limits.message, 100_000);
        assert_eq!((limits.body_bytes, limits.upload_bytes), (1 << 20, 100 << 20));
    }

    #[test]
    fn every_default_obeys_its_own_rule() {
        for key in Limits::keys("") {
            let text = key.default.trim_matches('"');
            Limits::default()
                .set(&key.name, text)
                .unwrap_or_else(|allowed| panic!("{}: {allowed}", key.name));
        }
    }
}
