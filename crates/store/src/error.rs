//! What can go wrong at the database, told apart: refused, taken, stale, corrupt, broken.

use ekinerja_domain::access::Denied;
use sea_orm::{DbErr, RuntimeErr};

/// Result of the store.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A constraint of the schema refused the write; its name says which rule.
    #[error("the constraint {constraint} refused the write")]
    Conflict {
        /// Name of the constraint.
        constraint: String,
    },
    /// The row changed since it was read.
    #[error("the row changed since it was read")]
    Stale,
    /// A row breaks the rules of the domain: our own data are wrong.
    #[error("the row {id} of {table} has an impossible {column}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row.
        id: String,
    },
    /// The tenant rests: it takes no writes.
    #[error("the tenant takes no writes")]
    AtRest,
    /// No connection became free in time.
    #[error("no database connection became free in time")]
    Busy,
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] DbErr),
}

impl Error {
    /// A corrupt row.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers pass what they have, a value or a reference"
    )]
    pub(crate) fn corrupt(table: &'static str, column: &'static str, id: impl ToString) -> Self {
        Self::Corrupt { table, column, id: id.to_string() }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if let Some(constraint) = violated_constraint(&error) {
            return Self::Conflict { constraint };
        }
        match error {
            DbErr::ConnectionAcquire(_) => Self::Busy,
            error if waited_in_vain(&error) => Self::Busy,
            error if is_at_rest(&error) => Self::AtRest,
            error => Self::Database(error),
        }
    }
}

/// What the server said to a statement.
fn server_error(error: &DbErr) -> Option<&(dyn sqlx::error::DatabaseError + 'static)> {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) =
        error
    else {
        return None;
    };
    cause.as_database_error()
}

/// Whether another transaction was in the way: lock timeout, deadlock, serialisation. Trying again helps.
fn waited_in_vain(error: &DbErr) -> bool {
    server_error(error)
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| matches!(code.as_ref(), "55P03" | "40P01" | "40001"))
}

/// Whether the tenant rests, in the words of the database's own lock.
fn is_at_rest(error: &DbErr) -> bool {
    let code = server_error(error).and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| code == "EK423")
}

/// Name of the constraint that a statement violated.
fn violated_constraint(error: &DbErr) -> Option<String> {
    let database = server_error(error)?;
    // Class 23: integrity constraint violation. Anything else with a constraint name is a fault of ours.
    database.code()?.starts_with("23").then(|| database.constraint().map(str::to_owned)).flatten()
}
