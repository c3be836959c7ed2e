//! Servers of different years.

/// Which server it is: they differ in routes, statuses and shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Era {
    /// None that ever ran: all operations, statuses and shapes as the API's page has them.
    Page,
    /// 0.2 of 2013: restart by GET, variables as an object, quotas of users.
    V0_2,
    /// 0.4 of 2014: restart by GET, no quotas of users.
    V0_4,
    /// 0.7 of 2014: restart by POST, errors of users with statuses of their own.
    V0_7,
}

impl Era {
    /// The versions of the official clients that the server asks for.
    pub(super) fn supported(self) -> Option<&'static str> {
        match self {
            Era::Page => None,
            Era::V0_2 => Some("0.8.2"),
            Era::V0_4 => Some("0.9.0"),
            Era::V0_7 => Some("0.12.0"),
        }
    }

    pub(super) fn is_page(self) -> bool {
        self == Era::Page
    }

    /// The status of an error about users: the first servers know only 500.
    pub(super) fn user_error(self, status: u16) -> u16 {
        match self {
            Era::V0_2 | Era::V0_4 => 500,
            Era::Page | Era::V0_7 => status,
        }
    }

    /// The method that restarts an app.
    pub(super) fn restart_method(self) -> &'static str {
        match self {
            Era::V0_7 => "POST",
            _ => "GET",
        }
    }
}
