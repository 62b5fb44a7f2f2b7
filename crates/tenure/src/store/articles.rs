//! Articles of the help centre, and the addresses at which they are and were read.

use domain::{
    article::ArticleState,
    id::{ArticleId, PersonId, WorkspaceId},
};
use jiff::Timestamp;

use super::{
    Error, Row, Rx, Sql, Tx,
    item_people::{Brief, brief_at, holder_columns},
    statements, time,
};
use crate::error::Result;

/// An article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// The article.
    pub id: ArticleId,
    /// The section that it stands in.
    pub section: String,
    /// Its place: lower comes first.
    pub position: i64,
    /// The title.
    pub title: String,
    /// The address at which it is read.
    pub slug: String,
    /// The text, Markdown; empty where only heads are read.
    pub body: String,
    /// Whether customers see it.
    pub state: ArticleState,
    /// Who wrote it; `None` of somebody who was deleted.
    pub author: Option<Brief>,
    /// When it was begun.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Counts each change of section, title, text and state.
    pub version: i64,
}

/// What is derived from an article's texts.
#[derive(Debug, Clone)]
pub struct Texts {
    /// The folded name of the section.
    pub section_key: String,
    /// Title and text, folded, by which it is found.
    pub search_text: String,
}

/// The columns of an article, with those of its author last.
macro_rules! article_columns {
    ($body:literal) => {
        concat!(
            "a.article_id, a.section, a.position, a.title, a.slug, ",
            $body,
            ", a.state, a.created, a.updated, a.version, ",
            holder_columns!(),
            " from articles a \
             left join people p on p.workspace_id = a.workspace_id and p.person_id = a.author_id "
        )
    };
}

statements! {
    LOAD = Sql::both(concat!("select ", article_columns!("a.body"), "where a.workspace_id = $1 and a.article_id = $2"));
    LOCK = Sql::each(
        concat!("select ", article_columns!("a.body"), "where a.workspace_id = $1 and a.article_id = $2"),
        concat!(
            "select ", article_columns!("a.body"),
            "where a.workspace_id = $1 and a.article_id = $2 for no key update of a"
        ),
    );
    HEADS = Sql::both(concat!(
        "select ", article_columns!("'' as body"), "where a.workspace_id = $1 \
         order by a.position, a.article_id limit $2"
    ));
    FIND = Sql::both(concat!(
        "select ", article_columns!("a.body"), "where a.workspace_id = $1 and a.state = 'published' \
         and a.search_text like $2 escape '\\' and a.search_text like $3 escape '\\' \
         and a.search_text like $4 escape '\\' and a.search_text like $5 escape '\\' \
         order by a.position, a.article_id limit $6"
    )).scan();
    COUNT = "select count(*) from articles where workspace_id = $1";
    OF_SLUG = "select s.article_id from article_slugs s where s.workspace_id = $1 and s.slug = $2";
    SECTION = "select a.section from articles a where a.workspace_id = $1 and a.section_key = $2 \
               order by a.position, a.article_id limit 1";
    LAST = "select coalesce(max(a.position), 0) from articles a where a.workspace_id = $1";
    INSERT = "insert into articles (workspace_id, article_id, section, section_key, position, title, slug, \
              body, search_text, state, author_id, created, updated) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    SAVE = "update articles set section = $1, section_key = $2, position = $3, title = $4, slug = $5, body = $6, \
            search_text = $7, state = $8, updated = $9, version = version + 1 \
            where workspace_id = $10 and article_id = $11 and version = $12";
    PLACE = "update articles set position = $1 where workspace_id = $2 and article_id = $3";
    ADD_SLUG = "insert into article_slugs (workspace_id, slug, article_id) values ($1, $2, $3)";
    DROP_SLUGS = "delete from article_slugs where workspace_id = $1 and article_id = $2";
    DELETE = "delete from articles where workspace_id = $1 and article_id = $2";
    COUNT_OF_AUTHOR = "select count(*) from articles where workspace_id = $1 and author_id = $2";
    FORGET_AUTHOR = "update articles set author_id = null where workspace_id = $1 and author_id = $2";
}

fn from_row(row: &Row<'_>) -> Result<Article> {
    Ok(Article {
        id: ArticleId::from_uuid(row.get(0)?),
        section: row.get(1)?,
        position: row.get(2)?,
        title: row.get(3)?,
        slug: row.get(4)?,
        body: row.get(5)?,
        state: ArticleState::parse(&row.get::<String>(6)?).ok_or(Error::Value("articles.state"))?,
        created: row.time(7)?,
        updated: row.time(8)?,
        version: row.get(9)?,
        author: match row.get::<Option<uuid::Uuid>>(10)? {
            Some(_) => Some(brief_at(row, 10)?),
            None => None,
        },
    })
}

/// An article of this workspace.
pub async fn load(rx: &mut Rx, ws: WorkspaceId, id: ArticleId) -> Result<Option<Article>> {
    rx.one(&LOAD, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// As [`load`], locked until the transaction ends.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId, id: ArticleId) -> Result<Option<Article>> {
    tx.one(&LOCK, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// The articles without their texts, drafts too, in the order of their places; up to `limit`.
pub async fn heads(rx: &mut Rx, ws: WorkspaceId, limit: i64) -> Result<Vec<Article>> {
    rx.all(&HEADS, &[&ws.uuid(), &limit], from_row).await
}

/// The published articles whose title or text is like all of these patterns, up to `limit`.
pub async fn find(rx: &mut Rx, ws: WorkspaceId, like: &[String; 4], limit: i64) -> Result<Vec<Article>> {
    rx.all(&FIND, &[&ws.uuid(), &like[0], &like[1], &like[2], &like[3], &limit], from_row).await
}

/// How many articles there are.
pub async fn count(rx: &mut Rx, ws: WorkspaceId) -> Result<i64> {
    Ok(rx.one(&COUNT, &[&ws.uuid()], |row| row.get(0)).await?.unwrap_or(0))
}

/// The article that is or was read at this address.
pub async fn of_slug(rx: &mut Rx, ws: WorkspaceId, slug: &str) -> Result<Option<ArticleId>> {
    rx.one(&OF_SLUG, &[&ws.uuid(), &slug], |row| Ok(ArticleId::from_uuid(row.get(0)?))).await
}

/// The section of this folded name, as it is written there.
pub async fn section(rx: &mut Rx, ws: WorkspaceId, key: &str) -> Result<Option<String>> {
    rx.one(&SECTION, &[&ws.uuid(), &key], |row| row.get(0)).await
}

/// The last place; 0 without articles.
pub async fn last(rx: &mut Rx, ws: WorkspaceId) -> Result<i64> {
    Ok(rx.one(&LAST, &[&ws.uuid()], |row| row.get(0)).await?.unwrap_or(0))
}

/// Saves a new article, with its address.
pub async fn insert(tx: &mut Tx, ws: WorkspaceId, article: &Article, texts: &Texts) -> Result<()> {
    tx.exec_one(
        &INSERT,
        &[
            &ws.uuid(),
            &article.id.uuid(),
            &article.section,
            &texts.section_key,
            &article.position,
            &article.title,
            &article.slug,
            &article.body,
            &texts.search_text,
            &article.state.word(),
            &article.author.as_ref().map(|author| author.id.uuid()),
            &time::micros(article.created),
            &time::micros(article.updated),
        ],
    )
    .await?;
    add_slug(tx, ws, article).await
}

/// Lets its address lead to an article from now on.
pub async fn add_slug(tx: &mut Tx, ws: WorkspaceId, article: &Article) -> Result<()> {
    tx.exec_one(&ADD_SLUG, &[&ws.uuid(), &article.slug, &article.id.uuid()]).await
}

/// Saves what changed; the row must still be at `article.version`, else nothing was done and this is stale.
pub async fn save(tx: &mut Tx, ws: WorkspaceId, article: &Article, texts: &Texts) -> Result<()> {
    let rows = tx
        .exec(
            &SAVE,
            &[
                &article.section,
                &texts.section_key,
                &article.position,
                &article.title,
                &article.slug,
                &article.body,
                &texts.search_text,
                &article.state.word(),
                &time::micros(article.updated),
                &ws.uuid(),
                &article.id.uuid(),
                &article.version,
            ],
        )
        .await?;
    if rows == 1 { Ok(()) } else { Err(crate::Error::Stale) }
}

/// Puts an article at another place.
pub async fn place(tx: &mut Tx, ws: WorkspaceId, id: ArticleId, position: i64) -> Result<()> {
    tx.exec_one(&PLACE, &[&position, &ws.uuid(), &id.uuid()]).await
}

/// Deletes an article, with its addresses.
pub async fn delete(tx: &mut Tx, ws: WorkspaceId, id: ArticleId) -> Result<()> {
    tx.exec(&DROP_SLUGS, &[&ws.uuid(), &id.uuid()]).await?;
    tx.exec_one(&DELETE, &[&ws.uuid(), &id.uuid()]).await
}

/// How many articles somebody has written.
pub async fn count_of_author(rx: &mut Rx, ws: WorkspaceId, author: PersonId) -> Result<i64> {
    Ok(rx.one(&COUNT_OF_AUTHOR, &[&ws.uuid(), &author.uuid()], |row| row.get(0)).await?.unwrap_or(0))
}

/// Forgets who wrote these articles: they are being deleted.
pub async fn forget_author(tx: &mut Tx, ws: WorkspaceId, author: PersonId) -> Result<()> {
    tx.exec(&FORGET_AUTHOR, &[&ws.uuid(), &author.uuid()]).await?;
    Ok(())
}
