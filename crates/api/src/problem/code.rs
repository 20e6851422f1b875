//! The problems that no rule of the domain speaks of, with their statuses.

use actix_web::http::StatusCode;
use artel_domain::words;

words! {
    /// Problems that no domain rule speaks of.
    pub enum Code {
        /// The request cannot be parsed: its JSON or its encoding is broken.
        Malformed = "malformed",
        /// A query parameter is unknown, given twice, or has a value outside its schema.
        InvalidParameter = "invalid_parameter",
        /// A header has a value outside its schema.
        InvalidHeader = "invalid_header",
        /// The cursor is none of ours, or was made for another sort or other filters.
        InvalidCursor = "invalid_cursor",
        /// The body is understood, and invalid: `errors` lists every fault.
        Validation = "validation",
        /// No valid credential came with the request.
        Unauthenticated = "unauthenticated",
        /// E-mail and password do not fit together, or a one-time token is unknown, used or expired.
        InvalidCredentials = "invalid_credentials",
        /// The operation needs a signed-in session: personal access tokens may not use it.
        SessionRequired = "session_required",
        /// The personal access token lacks the scope that the operation needs.
        ScopeMissing = "scope_missing",
        /// There is no such object, or the caller may not know that it exists.
        NotFound = "not_found",
        /// No operation has this path.
        NoRoute = "no_route",
        /// The path exists, but not with this method: `Allow` lists those that do.
        MethodNotAllowed = "method_not_allowed",
        /// The object has changed since the version named in `If-Match`.
        PreconditionFailed = "precondition_failed",
        /// This operation saves over a whole: name the version that it replaces in `If-Match`.
        PreconditionRequired = "precondition_required",
        /// The body is larger than the operation takes.
        PayloadTooLarge = "payload_too_large",
        /// The body has a media type that the operation does not take.
        UnsupportedMediaType = "unsupported_media_type",
        /// The idempotency key was used for another request.
        IdempotencyKeyReused = "idempotency_key_reused",
        /// The first request with this idempotency key still runs.
        IdempotencyInProgress = "idempotency_in_progress",
        /// Too many requests: wait as long as `Retry-After` says.
        RateLimited = "rate_limited",
        /// The server has more to do than it can queue: try again shortly.
        Busy = "busy",
        /// The request did not arrive in time.
        RequestTimeout = "request_timeout",
        /// The request took longer than it may. With an `Idempotency-Key` it is safe to send again.
        Timeout = "timeout",
        /// The database is not available: try again shortly.
        Unavailable = "unavailable",
        /// No mail server is configured, so nothing can be sent.
        MailNotConfigured = "mail_not_configured",
        /// Something failed that should not: the request id leads to the log.
        Internal = "internal",
    }
}

impl Code {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::Malformed | Self::InvalidParameter | Self::InvalidHeader | Self::InvalidCursor => {
                StatusCode::BAD_REQUEST
            }
            Self::Validation => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unauthenticated | Self::InvalidCredentials => StatusCode::UNAUTHORIZED,
            Self::SessionRequired | Self::ScopeMissing => StatusCode::FORBIDDEN,
            Self::NotFound | Self::NoRoute => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::IdempotencyKeyReused | Self::IdempotencyInProgress => StatusCode::CONFLICT,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::Busy | Self::Timeout | Self::Unavailable | Self::MailNotConfigured => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Seconds after which a retry makes sense.
    pub(super) const fn retry_after(self) -> Option<u64> {
        match self {
            Self::IdempotencyInProgress | Self::Busy | Self::Timeout => Some(1),
            Self::Unavailable => Some(2),
            Self::MailNotConfigured => Some(3600),
            _ => None,
        }
    }
}
