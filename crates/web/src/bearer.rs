//! The token of a program in `Authorization: Bearer`; nowhere else is one looked for.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use ekinerja_app::Code;
use ekinerja_app::service_accounts::ApiSecret;

use crate::problem::Problem;

/// The token of a request; none when it presents none. Other schemes (a proxy's own password) are not ours.
///
/// # Errors
/// [`Code::TokenInvalid`] for what cannot be a token, [`Code::RequestMalformed`] for two of them.
pub(crate) fn secret(headers: &HeaderMap) -> Result<Option<ApiSecret>, Problem> {
    let mut found = headers.get_all(AUTHORIZATION).iter().filter_map(|it| value(it.as_bytes()));
    let Some(first) = found.next() else { return Ok(None) };
    if found.next().is_some() {
        return Err(Problem::new(Code::RequestMalformed));
    }
    let secret = std::str::from_utf8(first).ok().and_then(|it| ApiSecret::parse(it.trim()));
    secret.map(Some).ok_or_else(|| Problem::new(Code::TokenInvalid))
}

/// What follows the scheme, whose case does not count.
fn value(header: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = header.split_at_checked("Bearer".len())?;
    let ends = rest.first().is_none_or(u8::is_ascii_whitespace);
    (scheme.eq_ignore_ascii_case(b"bearer") && ends).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&'static str]) -> Result<Option<ApiSecret>, Code> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().expect("a header"));
        }
        secret(&headers).map_err(|it| it.code())
    }

    #[test]
    fn one_shaped_token_counts_and_other_schemes_are_not_ours() {
        let good = "bearer  ekj_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        assert!(matches!(read(&[good]), Ok(Some(_))));
        for other in ["Basic YTpi", "Bear", "", "Bearerx y", "Digest x"] {
            assert_eq!(read(&[other]), Ok(None), "{other}");
        }
        for bad in ["Bearer", "Bearer ", "Bearer ekj_x", "Bearer a b"] {
            assert_eq!(read(&[bad]), Err(Code::TokenInvalid), "{bad}");
        }
        assert_eq!(read(&[good, good]), Err(Code::RequestMalformed));
        assert!(matches!(read(&["Basic YTpi", good]), Ok(Some(_))));
    }
}
