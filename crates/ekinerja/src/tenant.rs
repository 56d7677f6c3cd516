//! `ekinerja tenant`: opening governments and listing them, for who runs the platform.

mod archive;

use clap::{Args, Subcommand};
use ekinerja_app::App;
use ekinerja_app::archive::OwnerAddress;
use ekinerja_app::life::ChangeState;
use ekinerja_app::tenants::{Invite, Operator};
use ekinerja_domain::tenant::{Tenant, TenantState};

use crate::cli::{refused, say};
use crate::config::Language;

/// What `ekinerja tenant` is asked.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Opens one government by its Kemendagri code, or every kabupaten and kota of a province at once.
    Open(Open),
    /// Lists the governments that are open.
    List,
    /// Gives a government its first administrator and prints the first password, once.
    Invite(InviteArguments),
    /// Freezes a government: its people read and nobody writes.
    Freeze(Resting),
    /// Suspends a government: its people neither sign in nor read.
    Suspend(Resting),
    /// Lets a government work again.
    Resume(Resting),
    /// Writes everything of a government (rows, files, trail) into one archive.
    Export(archive::Export),
    /// Takes a government in from an archive, as the schema's owner; it arrives read-only.
    Import(archive::Import),
    /// Erases a suspended government, as the schema's owner, and prints the receipt.
    Erase(archive::Erasing),
    /// Prints the receipts of a government's erasures.
    Receipts(archive::Receipts),
}

/// Which government changes its state, and why.
#[derive(Debug, Args)]
pub(crate) struct Resting {
    /// Address or Kemendagri code of the government.
    government: String,
    /// Why; the government reads it in its trail.
    #[arg(long)]
    reason: String,
    /// The regulation, decree or letter; needed to freeze and to suspend.
    #[arg(long, default_value_t)]
    legal_basis: String,
}

/// Which governments shall be opened.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Open {
    /// The code of one government: 52 or 52.01.
    #[arg(long)]
    code: Option<String>,
    /// The code of a province that is open: opens all of its kabupaten and kota that are not.
    #[arg(long)]
    all_under: Option<String>,
}

/// Who shall be the first administrator.
#[derive(Debug, Args)]
pub(crate) struct InviteArguments {
    /// The code of the government.
    #[arg(long)]
    code: String,
    /// The name for signing in.
    #[arg(long)]
    username: String,
    /// The person's name.
    #[arg(long)]
    name: String,
}

pub(crate) async fn run(
    app: &App,
    owner: &OwnerAddress,
    command: Command,
    language: Language,
) -> anyhow::Result<()> {
    let operator = Operator::command_line();
    let refused = |refusal| refused(&refusal, language);
    match command {
        Command::Open(Open { code: Some(code), .. }) => {
            let tenant = app.open_tenant(&operator, &code).await.map_err(refused)?;
            say(&line(&tenant));
        }
        Command::Open(Open { all_under, .. }) => {
            let province = all_under.unwrap_or_default();
            let done = app.open_regencies(&operator, &province).await.map_err(refused)?;
            for tenant in &done.opened {
                say(&line(tenant));
            }
            for tenant in &done.skipped {
                let words = match language {
                    Language::Indonesian => "sudah terbuka, dilewati",
                    Language::English => "open already, skipped",
                };
                say(&format!("{}\t{words}", line(tenant)));
            }
        }
        Command::List => {
            for tenant in app.tenants(&operator).await.map_err(refused)? {
                say(&line(&tenant));
            }
        }
        Command::Invite(InviteArguments { code, username, name }) => {
            let invite = Invite { code, username, name, post: None };
            let invitation = app.invite_administrator(&operator, invite).await.map_err(refused)?;
            say(&invited(&invitation, language));
        }
        Command::Freeze(rest) => set(app, rest, TenantState::ReadOnly, language).await?,
        Command::Suspend(rest) => set(app, rest, TenantState::Suspended, language).await?,
        Command::Resume(rest) => set(app, rest, TenantState::Active, language).await?,
        Command::Export(ask) => archive::export(app, ask, language).await?,
        Command::Import(ask) => archive::import(app, owner, ask, language).await?,
        Command::Erase(ask) => archive::erase(app, owner, ask, language).await?,
        Command::Receipts(ask) => archive::receipts(app, &ask, language).await?,
    }
    Ok(())
}

/// Takes a government into a state and says which.
async fn set(
    app: &App,
    rest: Resting,
    state: TenantState,
    language: Language,
) -> anyhow::Result<()> {
    let operator = Operator::command_line();
    let refused = |refusal| refused(&refusal, language);
    let code = code_of(app, &rest.government, language).await?;
    let life = app.tenant_life(&operator, &code).await.map_err(refused)?;
    let ask = ChangeState {
        state: state.code().to_owned(),
        reason: rest.reason,
        legal_basis: rest.legal_basis,
    };
    let set = app.set_tenant_state(&operator, &code, life.revision, &ask).await;
    say(&line(&set.map_err(refused)?.tenant));
    Ok(())
}

/// The code of a government that is named by its address or its code.
async fn code_of(app: &App, named: &str, language: Language) -> anyhow::Result<String> {
    let all = app.tenants(&Operator::command_line()).await;
    let all = all.map_err(|refusal| refused(&refusal, language))?;
    let found = all.iter().find(|it| it.slug.as_str() == named || it.code.as_str() == named);
    let found = found.ok_or_else(|| {
        anyhow::anyhow!(match language {
            Language::Indonesian =>
                format!("{named}: tidak ada pemerintah daerah dengan alamat atau kode ini"),
            Language::English => format!("{named}: no government has this address or code"),
        })
    })?;
    Ok(found.code.to_string())
}

fn line(tenant: &Tenant) -> String {
    let Tenant { code, slug, name, level, state, .. } = tenant;
    format!("{code}\t{slug}\t{name}\t{}\t{}", level.code(), state.code())
}

fn invited(invitation: &ekinerja_app::members::AddedMember, language: Language) -> String {
    let username = &invitation.membership.username;
    match (&invitation.first_password, language) {
        (Some(password), Language::Indonesian) => format!(
            "{username} dapat masuk dengan kata sandi pertama: {}\nKata sandi ini hanya ditampilkan \
             sekali dan harus diganti saat pertama kali masuk.",
            password.reveal()
        ),
        (Some(password), Language::English) => format!(
            "{username} can sign in with the first password: {}\nIt is shown only once and must be \
             changed at the first sign-in.",
            password.reveal()
        ),
        (None, Language::Indonesian) => {
            format!("{username} sudah punya akun dan dapat masuk dengan kata sandinya sendiri.")
        }
        (None, Language::English) => {
            format!("{username} has an account already and signs in with their own password.")
        }
    }
}
