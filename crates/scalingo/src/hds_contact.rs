//! The contact that applications with health data need.

use deploykit_core::{Error, Time};

deploykit_core::open_enum! {
    /// Kind of an organization.
    pub enum OrganizationKind {
        /// A company.
        Company = "company",
        /// An association, or the like.
        NonProfit = "non-profit",
        /// A part of the state.
        Administration = "administration",
    }
}

deploykit_core::model! {
    /// Whom the operator asks about the health data of an application.
    pub struct HdsContact {
        /// Id.
        id: Option<String>,
        /// Kind of the organization.
        org_type: Option<OrganizationKind>,
        /// Name.
        name: Option<String>,
        /// Mail address.
        email: Option<String>,
        /// Telephone number.
        phone_number: Option<String>,
        /// Name of the organization.
        company: Option<String>,
        /// Street and number,
        address_line1: Option<String>,
        /// and what goes on below.
        address_line2: Option<String>,
        /// Town.
        address_city: Option<String>,
        /// Postal code.
        address_zip: Option<String>,
        /// Country, as a code of two letters: `FR`.
        address_country: Option<String>,
        /// Anything else.
        notes: Option<String>,
        /// When it was changed last.
        updated_at: Option<Time>,
        /// Whether it has all that is asked for today.
        up_to_date: Option<bool>,
    }
}

deploykit_core::request! {
    /// Whom the operator shall ask about the health data of an application; what is not set stays.
    pub struct HdsContactChange {
        optional {
            /// Kind of the organization.
            org_type: OrganizationKind,
            /// Name.
            name: String,
            /// Mail address.
            email: String,
            /// Telephone number.
            phone_number: String,
            /// Name of the organization.
            company: String,
            /// Street and number.
            address_line1: String,
            /// What goes on below.
            address_line2: String,
            /// Town.
            address_city: String,
            /// Postal code.
            address_zip: String,
            /// Country, as a code of two letters: `FR`.
            address_country: String,
            /// Anything else.
            notes: String,
        }
    }
    check |it| {
        match &it.email {
            Some(email) if !email.contains('@') => Err(Error::invalid_input("email", "is no mail address")),
            _ if *it == Self::new() => Err(Error::invalid_input("contact", "is empty")),
            _ => Ok(()),
        }
    }
}
