//! Connecting to the private server, and its databases.

use std::borrow::Cow;

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};

use crate::{
    cluster::{Cluster, SUPERUSER},
    error::Error,
};

/// The database that every cluster has.
const MAINTENANCE: &str = "postgres";

impl Cluster {
    /// Options for `role` with its password, on `database`.
    pub fn options(&self, database: &str, role: &str, password: &str) -> PgConnectOptions {
        self.without_password(database, role).password(password)
    }

    /// Options for the bootstrap superuser, which migrates; it needs no password here.
    pub fn owner_options(&self, database: &str) -> PgConnectOptions {
        self.without_password(database, SUPERUSER)
    }

    fn without_password(&self, database: &str, role: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.sockets())
            .port(self.port())
            // A unix socket knows no TLS, whatever the environment asks of other connections.
            .ssl_mode(PgSslMode::Disable)
            .username(role)
            .database(database)
    }

    /// Makes the database `name`, unless it is there; tells whether it made it.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn create_database(&self, name: &str) -> Result<bool, Error> {
        let mut connection = self.maintenance().await?;
        let sql = "select exists (select from pg_database where datname = $1)";
        let exists: bool = sqlx::query_scalar(sql)
            .bind(name)
            .fetch_one(&mut connection)
            .await
            .map_err(refused(format!("look for the database {name}")))?;
        let answer = if exists {
            Ok(false)
        } else {
            let create = format!("create database {}", quoted(name));
            match run(&mut connection, create, format!("make the database {name}")).await {
                // Another process made it between the question and the statement.
                Err(Error::Database { source, .. }) if is_there(&source) => Ok(false),
                answer => answer.map(|()| true),
            }
        };
        close(connection).await;
        answer
    }

    /// Makes the database `name` as a copy of `template`, to which nobody may be connected.
    ///
    /// # Errors
    /// [`Error::Database`], also when `name` is there already.
    pub async fn create_database_from_template(
        &self,
        name: &str,
        template: &str,
    ) -> Result<(), Error> {
        let sql = format!("create database {} template {}", quoted(name), quoted(template));
        self.once(sql, format!("copy the database {template} to {name}")).await
    }

    /// Removes the database `name`, ending its connections; nothing happens when it is absent.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn drop_database(&self, name: &str) -> Result<(), Error> {
        let sql = format!("drop database if exists {} with (force)", quoted(name));
        self.once(sql, format!("remove the database {name}")).await
    }

    async fn once(&self, sql: String, action: String) -> Result<(), Error> {
        let mut connection = self.maintenance().await?;
        let answer = run(&mut connection, sql, action).await;
        close(connection).await;
        answer
    }

    async fn maintenance(&self) -> Result<PgConnection, Error> {
        self.owner_options(MAINTENANCE)
            .connect()
            .await
            .map_err(refused("connect as its superuser".to_owned()))
    }
}

/// `duplicate_database`, or the same found by the catalogue's own index when two make it at once.
fn is_there(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|it| it.code().map(Cow::into_owned));
    matches!(code.as_deref(), Some("42P04" | "23505"))
}

async fn run(connection: &mut PgConnection, sql: String, action: String) -> Result<(), Error> {
    connection.execute(AssertSqlSafe(sql)).await.map(drop).map_err(refused(action))
}

/// The answer is known by then; a failure to say goodbye changes nothing.
async fn close(connection: PgConnection) {
    if let Err(problem) = connection.close().await {
        tracing::debug!(%problem, "a connection to the private PostgreSQL closed badly");
    }
}

fn refused(action: String) -> impl FnOnce(sqlx::Error) -> Error {
    move |source| Error::Database { action, source }
}

/// Quotes an identifier; only quotes inside it are special.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_inside_a_name_cannot_end_it() {
        assert_eq!(quoted(r#"a" ; drop"#), r#""a"" ; drop""#);
    }
}
