//! Cases of the module beside.

use ekinerja_domain::access::{Grant, Held, Role, Scope, Through};
use ekinerja_domain::ids::{MembershipId, UserId};
use ekinerja_domain::tenant::{Level, Tenant, TenantState};
use uuid::Uuid;

use super::*;

fn scope(tenant: u128, user: u128, role: Role) -> TenantScope {
    let id = TenantId::from(Uuid::from_u128(tenant));
    let valid_from = "2024-01-01".parse().expect("a day");
    TenantScope {
        standing: Standing {
            tenant: id,
            level: Level::Province,
            user: UserId::from(Uuid::from_u128(user)),
            name: "x".into(),
            accounts: Vec::new(),
            grants: vec![Held {
                grant: Grant { role, scope: Scope::Tenant, valid_from, valid_to: None },
                through: Through::Appointment {
                    membership: MembershipId::from(Uuid::from_u128(1)),
                    post: None,
                    acting: None,
                },
            }],
        },
        tenant: Tenant {
            id,
            code: "52".parse().expect("a code"),
            slug: "ntb".parse().expect("a slug"),
            name: "NTB".into(),
            level: Level::Province,
            parent: None,
            state: TenantState::Active,
        },
        request: None,
        session: None,
        once: None,
        emergencies: None,
    }
}

fn period(text: &str) -> Period {
    text.parse().expect(text)
}

fn changed(tenant: u128, touch: Touch) -> News {
    let tenant = TenantId::from(Uuid::from_u128(tenant));
    News::Changed(Change { tenant, touches: vec![touch], asks_for_work: false })
}

struct Desk {
    cache: TenantCache<u32>,
    changes: Changes,
}

impl Desk {
    fn new() -> Self {
        let changes = Changes::default();
        Self { cache: TenantCache::new(&changes, 1 << 20, |_| 1), changes }
    }

    /// Looks up and, on a miss, keeps `value`; whether it was a hit.
    async fn ask(&self, scope: &TenantScope, page: &str, depends: &[Depends]) -> bool {
        match self.cache.look_up(scope, page.to_owned(), depends).await {
            Found::Hit(_) => true,
            Found::Miss(place) => {
                self.cache.keep(place, 1).await;
                false
            }
        }
    }
}

#[tokio::test]
async fn answer_is_found_by_its_own_reader_only() {
    let desk = Desk::new();
    let depends = [Depends::EveryPeriod];
    let reader = scope(1, 1, Role::Leader);
    assert!(!desk.ask(&reader, "/p", &depends).await);
    assert!(desk.ask(&reader, "/p", &depends).await);
    assert!(!desk.ask(&reader, "/p?x", &depends).await, "another page");
    assert!(!desk.ask(&scope(2, 1, Role::Leader), "/p", &depends).await, "another tenant");
    assert!(!desk.ask(&scope(1, 2, Role::Leader), "/p", &depends).await, "another person");
    assert!(!desk.ask(&scope(1, 1, Role::Auditor), "/p", &depends).await, "another role");
    assert_eq!(desk.cache.count(), CacheCount { hits: 1, misses: 5 });
}

#[tokio::test]
async fn publication_drops_exactly_what_it_touches() {
    let desk = Desk::new();
    let province = scope(1, 1, Role::Leader);
    let other = scope(2, 1, Role::Leader);
    let pages: [(&TenantScope, &str, &[Depends]); 5] = [
        (&province, "rollup 2023", &[Depends::Period(period("2023"))]),
        (&province, "rollup 2024", &[Depends::Period(period("2024"))]),
        (&province, "trend", &[Depends::EveryPeriod]),
        (&province, "plan", &[Depends::Plan, Depends::Organisation]),
        (&other, "rollup 2024", &[Depends::Period(period("2024"))]),
    ];
    for (scope, page, depends) in pages {
        assert!(!desk.ask(scope, page, depends).await);
    }
    // A regency (tenant 9) publishes 2024 to the province (tenant 1).
    let audience = TenantId::from(Uuid::from_u128(1));
    desk.changes.tell(changed(9, Touch::Audience(audience, period("2024"))));
    let mut kept = Vec::new();
    for (scope, page, depends) in pages {
        if desk.ask(scope, page, depends).await {
            kept.push((scope.tenant().id, page));
        }
    }
    let of = |tenant| TenantId::from(Uuid::from_u128(tenant));
    assert_eq!(kept, [(of(1), "rollup 2023"), (of(1), "plan"), (of(2), "rollup 2024")]);
}

#[tokio::test]
async fn government_that_is_opened_drops_what_its_province_says_of_governments() {
    let desk = Desk::new();
    let province = scope(1, 1, Role::Planner);
    assert!(!desk.ask(&province, "/members", &[Depends::Organisation]).await);
    assert!(!desk.ask(&province, "/plan", &[Depends::Plan]).await);
    desk.changes.tell(changed(9, Touch::Governments(TenantId::from(Uuid::from_u128(1)))));
    assert!(!desk.ask(&province, "/members", &[Depends::Organisation]).await);
    assert!(desk.ask(&province, "/plan", &[Depends::Plan]).await);
}

#[tokio::test]
async fn page_drawn_while_a_commit_came_is_not_found_again() {
    let desk = Desk::new();
    let reader = scope(1, 1, Role::Leader);
    let depends = [Depends::Plan];
    let Found::Miss(place) = desk.cache.look_up(&reader, "/p".into(), &depends).await else {
        panic!("nothing was kept");
    };
    desk.changes.tell(changed(1, Touch::Plan));
    desk.cache.keep(place, 1).await;
    assert!(!desk.ask(&reader, "/p", &depends).await);
}

#[tokio::test]
async fn indicator_touches_every_period_and_a_gap_everything() {
    let desk = Desk::new();
    let reader = scope(1, 1, Role::Leader);
    let one = [Depends::Period(period("2024"))];
    assert!(!desk.ask(&reader, "/p", &one).await);
    desk.changes.tell(changed(1, Touch::Indicator(Uuid::from_u128(7).into())));
    assert!(!desk.ask(&reader, "/p", &one).await);
    desk.changes.tell(changed(2, Touch::Period(period("2024"))));
    assert!(desk.ask(&reader, "/p", &one).await, "another tenant's commit");
    desk.changes.tell(News::Gap);
    assert!(!desk.ask(&reader, "/p", &one).await);
}

#[tokio::test]
async fn falling_behind_drops_everything() {
    let desk = Desk::new();
    let reader = scope(1, 1, Role::Leader);
    assert!(!desk.ask(&reader, "/p", &[Depends::Plan]).await);
    for _ in 0..2000 {
        desk.changes.tell(changed(2, Touch::Organisation));
    }
    assert!(!desk.ask(&reader, "/p", &[Depends::Plan]).await);
}
