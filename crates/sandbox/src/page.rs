//! Pages of a list: `meta.pagination` in the body, or `Link` headers.

use serde_json::{Value, json};

use crate::request::Request;

/// One page of a list of known length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Its number, from 1.
    pub number: usize,
    /// How many items a full page has.
    pub per_page: usize,
    /// How many items all pages have together.
    pub total: usize,
}

impl Page {
    /// The page that the query parameters `page` and `per_page` ask for. What is missing, not a
    /// number or zero counts as page 1 with `default` items; more than `most` items aren't given.
    pub fn asked(request: &Request, total: usize, default: usize, most: usize) -> Self {
        let number = |name| request.query(name)?.parse().ok().filter(|&n: &usize| n > 0);
        Self {
            number: number("page").unwrap_or(1),
            per_page: number("per_page").unwrap_or(default).min(most),
            total,
        }
    }

    /// This page's part of all items; empty past the end.
    pub fn of<'a, T>(&self, items: &'a [T]) -> &'a [T] {
        let start = self
            .per_page
            .saturating_mul(self.number - 1)
            .min(items.len());
        let end = start.saturating_add(self.per_page).min(items.len());
        &items[start..end]
    }

    /// The number of the last page; 1 if there are no items.
    pub fn last(&self) -> usize {
        self.total.div_ceil(self.per_page).max(1)
    }

    /// The number of the page before, if there is one.
    pub fn previous(&self) -> Option<usize> {
        (self.number > 1).then(|| self.number - 1)
    }

    /// The number of the page after, if there is one.
    pub fn next(&self) -> Option<usize> {
        (self.number < self.last()).then(|| self.number + 1)
    }

    /// The value of `meta.pagination`.
    pub fn meta(&self, style: MetaStyle) -> Value {
        let (previous_name, previous, next) = match style {
            MetaStyle::Null => ("prev_page", json!(self.previous()), json!(self.next())),
            MetaStyle::PreviousPage => {
                ("previous_page", json!(self.previous()), json!(self.next()))
            }
            MetaStyle::Echo => {
                let previous = self.previous().unwrap_or(1);
                let next = self.next().unwrap_or(self.last());
                ("prev_page", json!(previous), json!(next))
            }
        };
        json!({
            "current_page": self.number,
            previous_name: previous,
            "next_page": next,
            "total_pages": self.last(),
            "total_count": self.total,
        })
    }

    /// The value of a `Link` header with the relations `first`, `prev`, `next` and `last` as far
    /// as they exist: absolute addresses that keep the request's other query parameters.
    pub fn links(&self, request: &Request) -> String {
        let to = |relation: &str, number: usize| {
            let others = request.queries().iter().filter(|(name, _)| name != "page");
            let mut query: Vec<(&str, String)> = others
                .map(|(name, value)| (name.as_str(), value.clone()))
                .collect();
            query.push(("page", number.to_string()));
            // Pairs of text always encode.
            let query = serde_urlencoded::to_string(&query).unwrap_or_default();
            format!(
                "<http://{}{}?{query}>; rel=\"{relation}\"",
                request.host(),
                request.path()
            )
        };
        let mut links = vec![to("first", 1)];
        links.extend(self.previous().map(|number| to("prev", number)));
        links.extend(self.next().map(|number| to("next", number)));
        links.push(to("last", self.last()));
        links.join(", ")
    }
}

/// How `meta.pagination` says that there is no page before or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MetaStyle {
    /// `prev_page` and `next_page` are null.
    #[default]
    Null,
    /// As `Null`, but the page before is called `previous_page`.
    PreviousPage,
    /// Nothing is ever null: `prev_page` stays at 1 and `next_page` at the last page.
    Echo,
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::request::Slash;

    fn get(uri: &str) -> Request {
        let request = http::Request::get(uri)
            .header("host", "h:1")
            .body(())
            .unwrap();
        Request::new(
            request.into_parts().0,
            Bytes::new().into(),
            Slash::InSegment,
        )
    }

    #[test]
    fn pages_cut_the_list_and_end_with_it() {
        let items: Vec<u32> = (0..5).collect();
        let page = |uri: &str| Page::asked(&get(uri), 5, 2, 4);
        assert_eq!(page("/").of(&items), [0, 1]);
        assert_eq!(page("/?page=3").of(&items), [4]);
        assert_eq!(page("/?page=9").of(&items), [] as [u32; 0]);
        assert_eq!(page("/?page=0&per_page=100").of(&items), [0, 1, 2, 3]);
        assert_eq!(page("/?page=x&per_page=5").per_page, 4);
        assert_eq!(page("/?page=99999999999999999999").number, 1);
        assert_eq!(
            page(&format!("/?page={}", usize::MAX)).of(&items),
            [] as [u32; 0]
        );
    }

    #[test]
    fn the_styles_of_meta_differ_at_the_ends() {
        let last = Page {
            number: 3,
            per_page: 2,
            total: 5,
        };
        let meta = last.meta(MetaStyle::Null);
        let expected = json!({"current_page": 3, "prev_page": 2, "next_page": null,
            "total_pages": 3, "total_count": 5});
        assert_eq!(meta, expected);
        assert_eq!(last.meta(MetaStyle::Echo)["next_page"], 3);
        let first = Page { number: 1, ..last };
        assert_eq!(
            first.meta(MetaStyle::PreviousPage)["previous_page"],
            Value::Null
        );
        assert_eq!(first.meta(MetaStyle::PreviousPage).get("prev_page"), None);
        let empty = Page {
            number: 1,
            per_page: 20,
            total: 0,
        };
        let echo = json!({"current_page": 1, "prev_page": 1, "next_page": 1,
            "total_pages": 1, "total_count": 0});
        assert_eq!(empty.meta(MetaStyle::Echo), echo);
    }

    #[test]
    fn links_keep_the_other_parameters() {
        let request = get("/servers?name=a%20b&page=2");
        let page = Page::asked(&request, 5, 2, 20);
        assert_eq!(
            page.links(&request),
            "<http://h:1/servers?name=a+b&page=1>; rel=\"first\", \
             <http://h:1/servers?name=a+b&page=1>; rel=\"prev\", \
             <http://h:1/servers?name=a+b&page=3>; rel=\"next\", \
             <http://h:1/servers?name=a+b&page=3>; rel=\"last\""
        );
    }
}
