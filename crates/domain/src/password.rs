//! Passwords: what a new one must be. How they are hashed is the business of the API.

use crate::{
    email::Email,
    error::{Fault, FaultCode},
    secret,
};

secret! {
    /// A new password: 10 to 128 characters, not the e-mail address of its owner.
    Password(10..=128)
}

secret! {
    /// A password as somebody typed it to prove who they are.
    TypedPassword(1..=128)
}

impl Password {
    /// What is wrong with this password for the owner of this address; `pointer` is where it stood in the request.
    #[must_use]
    pub fn check(&self, owner: &Email, pointer: &str) -> Option<Fault> {
        let guessable = self.expose().trim().to_lowercase() == owner.as_str();
        guessable.then(|| Fault::new(pointer, FaultCode::Guessable, "must not be the e-mail address"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::BadText;

    fn password(text: &str) -> Result<Password, BadText> {
        Password::try_from(text.to_owned())
    }

    #[test]
    fn a_password_has_ten_to_a_hundred_and_twenty_eight_characters() {
        for (length, expected) in
            [(9, Some(BadText::TooShort)), (10, None), (128, None), (129, Some(BadText::TooLong))]
        {
            assert_eq!(password(&"й".repeat(length)).err(), expected, "{length}");
        }
        assert_eq!(password("a password\0").err(), Some(BadText::Control));
    }

    #[test]
    fn the_owners_address_is_no_password() {
        let ann: Email = "ann@example.com".parse().unwrap();
        let fault = password(" ANN@example.com").unwrap().check(&ann, "/password");
        assert_eq!(fault.map(|f| f.code), Some(FaultCode::Guessable));
        assert_eq!(password("ann@example.com!").unwrap().check(&ann, "/password"), None);
    }

    #[test]
    fn a_password_cannot_be_printed() {
        let text = format!("{:?}", password("correct horse").unwrap());
        assert_eq!(text, "Password(…)");
    }
}
