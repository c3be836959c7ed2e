//! Where servers can run.

use serde_json::{Value, json};

use super::{errors, lists};
use crate::reply::Reply;
use crate::request::Request;

/// A place.
#[derive(Debug)]
pub(super) struct Place {
    city: &'static str,
    country: &'static str,
    continent: &'static str,
    division: &'static str,
    timezone: &'static str,
    latitude: f64,
    longitude: f64,
}

const PLACES: [Place; 6] = [
    Place {
        city: "Montreal",
        country: "Canada",
        continent: "North America",
        division: "Quebec",
        timezone: "America/Toronto",
        latitude: 45.508888,
        longitude: -73.561668,
    },
    Place {
        city: "Ashburn",
        country: "United States of America",
        continent: "North America",
        division: "Virginia",
        timezone: "America/New_York",
        latitude: 39.0437,
        longitude: -77.4875,
    },
    Place {
        city: "Frankfurt am Main",
        country: "Germany",
        continent: "Europe",
        division: "Hesse",
        timezone: "Europe/Berlin",
        latitude: 50.1109,
        longitude: 8.6821,
    },
    Place {
        city: "Tokyo",
        country: "Japan",
        continent: "Asia",
        division: "Tokyo",
        timezone: "Asia/Tokyo",
        latitude: 35.6895,
        longitude: 139.6917,
    },
    Place {
        city: "São Paulo",
        country: "Brazil",
        continent: "South America",
        division: "São Paulo",
        timezone: "America/Sao_Paulo",
        latitude: -23.5475,
        longitude: -46.6361,
    },
    Place {
        city: "Sydney",
        country: "Australia",
        continent: "Oceania",
        division: "New South Wales",
        timezone: "Australia/Sydney",
        latitude: -33.8688,
        longitude: 151.2093,
    },
];

impl Place {
    /// As part of a deployment's status.
    pub(super) fn view(&self) -> Value {
        json!({
            "city": self.city,
            "country": self.country,
            "continent": self.continent,
            "administrative_division": self.division,
            "timezone": self.timezone,
            "latitude": self.latitude,
            "longitude": self.longitude,
        })
    }

    fn angle_to(&self, latitude: f64, longitude: f64) -> f64 {
        let (here, there) = (self.latitude.to_radians(), latitude.to_radians());
        let between = (longitude - self.longitude).to_radians();
        let cosine = here.sin() * there.sin() + here.cos() * there.cos() * between.cos();
        cosine.clamp(-1.0, 1.0).acos()
    }
}

/// The place nearest to the players of an order. Who is known by address only counts as being in
/// the first one.
pub(super) fn nearest(users: &[Value]) -> &'static Place {
    let coordinates = users.iter().filter_map(|user| {
        let data = &user["user_data"];
        Some((data["latitude"].as_f64()?, data["longitude"].as_f64()?))
    });
    let coordinates: Vec<_> = coordinates.collect();
    let distance = |place: &Place| -> f64 {
        coordinates
            .iter()
            .map(|&(latitude, longitude)| place.angle_to(latitude, longitude))
            .sum()
    };
    let nearer = |a: &&'static Place, b: &&'static Place| distance(a).total_cmp(&distance(b));
    PLACES.iter().min_by(nearer).unwrap_or(&PLACES[0])
}

/// `GET /v1/locations`
pub(super) fn list(request: &Request, app: Result<(), String>) -> Reply {
    // Nowhere is room for what does not exist.
    if let Err(problem) = app {
        return errors::bad_request(&problem);
    }
    let with_tags = request.query("tags") == Some("true");
    let view = |place: &Place| {
        let mut view = place.view();
        view["type"] = json!("standard");
        if with_tags {
            view["tags"] = json!([{"key": "continent", "value": place.continent}]);
        }
        view
    };
    let wanted = request.query("type").is_none_or(|kind| kind == "standard");
    let places: Vec<_> = PLACES.iter().filter(|_| wanted).map(view).collect();
    let page = match lists::page(request, places.len()) {
        Ok(page) => page,
        Err(refusal) => return *refusal,
    };
    Reply::json(
        200,
        json!({
            "locations": page.of(&places),
            "messages": [],
            "total_count": places.len(),
            "pagination": lists::pagination(&page),
        }),
    )
}

/// `GET /v1/locations/beacons`
pub(super) fn beacons(request: &Request) -> Reply {
    let views: Vec<_> = (0..)
        .zip(&PLACES)
        .map(|(number, place)| beacon(number, place))
        .collect();
    match lists::page(request, views.len()) {
        Ok(page) => Reply::json(
            200,
            json!({"locations": page.of(&views), "count": views.len()}),
        ),
        Err(refusal) => *refusal,
    }
}

fn beacon(number: u32, place: &Place) -> Value {
    json!({
        "host": format!("198.51.100.{}", number + 1),
        "fqdn": format!("b-{number:012x}.pr.edgegap.net"),
        "udp_port": 32_000 + number,
        "tcp_port": 32_500 + number,
        "location": place.view(),
    })
}

/// `GET /locations/beacons` of an instance.
pub(super) fn instance_beacons() -> Reply {
    let beacons = (0..).zip(&PLACES).map(|(number, place)| {
        let mut view = beacon(number, place);
        view["public_ip"] = view["host"].take();
        view.as_object_mut().map(|fields| fields.remove("host"));
        view
    });
    let beacons: Vec<_> = beacons.collect();
    Reply::json(200, json!({"count": beacons.len(), "beacons": beacons}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_goes_near_its_players() {
        let at = |latitude: f64, longitude: f64| {
            let user = json!({"user_data": {"latitude": latitude, "longitude": longitude}});
            nearest(&[user]).city
        };
        assert_eq!(at(48.2, 16.4), "Frankfurt am Main");
        assert_eq!(at(-36.8, 174.8), "Sydney");
        assert_eq!(at(52.0, -179.0), "Tokyo");
        assert_eq!(nearest(&[]).city, "Montreal");
    }
}
