//! Oneself: the profile that everybody reads and changes of their own.

use actix_web::{get, patch, web::Data};
use artel_domain::activity::Verb;
use artel_persistence::{Db, user as store};

use super::{
    saved,
    shape::{EditMe, UserView, Viewed},
};
use crate::{
    answer::Answer,
    extract::{Body, Me},
    precondition::IfMatch,
    problem::Result,
    write::Write,
};

/// Read myself
///
/// Every user may call it.
#[utoipa::path(tag = "me", security(("token" = ["profile:read"])),
    responses((status = OK, body = UserView, headers(("ETag" = String, description = "The version.")))))]
#[get("/me")]
pub async fn read_me(me: Me, db: Data<Db>) -> Result<Answer> {
    let user = store::find(db.reader(), &me, me.user).await?;
    Ok(Answer::versioned(user.version, &UserView::from(Viewed::of(db.reader(), &me, user).await?)))
}

/// Change my profile
///
/// Every signed-in user may call it. Address, role, position and department are for administrators to change.
#[utoipa::path(tag = "me", params(IfMatch), request_body = EditMe,
    responses((status = OK, body = UserView, headers(("ETag" = String, description = "The version.")))))]
#[patch("/me")]
pub async fn edit_me(write: Write, body: Body<EditMe>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let mut user = store::load(tx, write.me(), write.me().user).await?;
        let mut profile = user.profile();
        body.0.clone().apply(&mut profile);
        let changes = user.edit_profile(write.me(), write.expected(), profile, write.now())?;
        store::save(tx, write.me().author(), &user, Verb::Updated, changes).await?;
        saved(tx, &write, user, |view| Answer::ok(&view)).await
    });
    answer.await
}
