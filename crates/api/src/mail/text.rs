//! What the mails say, in the languages that users have.

use artel_domain::{email::Email, organisation::OrganisationName, user::Locale};

use super::Mail;

/// An invitation to join; `link` carries the secret.
#[must_use]
pub fn invitation(to: Email, locale: Locale, organisation: &OrganisationName, link: &str) -> Mail {
    let (subject, body) = match locale {
        Locale::En => (
            format!("Join {organisation}"),
            format!(
                "You are invited to join {organisation}. Follow this link within 7 days:\n\n{link}\n\nIt works once."
            ),
        ),
        Locale::Ru => (
            format!("Приглашение: {organisation}"),
            format!(
                "Вас приглашают в {organisation}. Перейдите по ссылке в течение 7 дней:\n\n{link}\n\nСсылка действует один раз."
            ),
        ),
    };
    Mail { to, subject, body }
}

/// A way to set a new password; `link` carries the secret.
#[must_use]
pub fn password_reset(to: Email, locale: Locale, link: &str) -> Mail {
    let (subject, body) = match locale {
        Locale::En => (
            "Set a new password",
            format!(
                "Somebody, probably you, asked to set a new password. Follow this link within an hour:\n\n{link}\n\n\
                 It works once. If it was not you, do nothing: your password stays as it is."
            ),
        ),
        Locale::Ru => (
            "Новый пароль",
            format!(
                "Кто-то, вероятно вы, попросил сменить пароль. Перейдите по ссылке в течение часа:\n\n{link}\n\n\
                 Ссылка действует один раз. Если это были не вы, ничего не делайте: пароль останется прежним."
            ),
        ),
    };
    Mail { to, subject: subject.to_owned(), body }
}
