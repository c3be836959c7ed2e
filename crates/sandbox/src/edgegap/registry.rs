//! The container registry: images and their tags.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::errors::{self, Refusal};
use super::lists;
use super::shelf::{body, or_refusal, written};
use crate::reply::Reply;
use crate::request::Request;
use crate::validate::{Fields, Kind};

/// Images by name, each with its tags, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Images(BTreeMap<String, Vec<String>>);

impl Images {
    pub(super) fn new(images: &[(String, Vec<String>)]) -> Self {
        Self(images.iter().cloned().collect())
    }

    /// Adds images, or tags to them.
    pub(super) fn add(&mut self, images: impl Iterator<Item = (String, Vec<String>)>) {
        for (name, tags) in images {
            self.0.entry(name).or_default().extend(tags);
        }
    }

    /// `/v1/container-registry/images/…`
    pub(super) fn route(&mut self, rest: &[&str], request: &Request, now: Timestamp) -> Reply {
        or_refusal(match (request.method(), rest) {
            ("GET", [image @ .., "tags"]) => self.list(&image.join("/"), request, now),
            ("POST", [image @ .., "tags", "bulk-delete"]) => {
                self.delete_all(&image.join("/"), request)
            }
            ("DELETE", [image @ .., "tags", tag]) => {
                let image = image.join("/");
                let size = size(tag);
                self.delete(&image, tag).map(|left| {
                    let artifact = json!({
                        "artifact_deleted": left.is_empty(), "size_mb": size,
                        "remaining_tags": left, "image_hash": hash(&image),
                    });
                    Reply::json(200, json!({"artifact": artifact, "deleted_tag": tag}))
                })
            }
            _ => Ok(errors::no_route()),
        })
    }

    fn list(&self, image: &str, request: &Request, now: Timestamp) -> Result<Reply, Refusal> {
        let tags = self.0.get(image).ok_or_else(|| unknown(image))?;
        let view = |tag: &String| {
            let others: Vec<_> = tags.iter().filter(|other| *other != tag).collect();
            json!({
                "tag": tag,
                "last_push_at": written(now),
                "artifact": {
                    "artifact_deleted": false, "remaining_tags": others,
                    "image_hash": hash(image), "size_mb": size(tag),
                },
            })
        };
        let page = lists::page(request, tags.len())?;
        // Neither a total nor whether there are more.
        let data: Vec<Value> = page.of(tags).iter().map(view).collect();
        Ok(Reply::json(200, json!({ "data": data })))
    }

    fn delete(&mut self, image: &str, tag: &str) -> Result<Vec<String>, Refusal> {
        let tags = self.0.get_mut(image).ok_or_else(|| unknown(image))?;
        let Some(at) = tags.iter().position(|one| one == tag) else {
            return Err(unknown(tag));
        };
        tags.remove(at);
        Ok(tags.clone())
    }

    fn delete_all(&mut self, image: &str, request: &Request) -> Result<Reply, Refusal> {
        let body = body(request)?;
        Fields::of(&body)
            .required("tags", Kind::Array)
            .check()
            .map_err(|problems| Box::new(errors::invalid(problems)))?;
        if !self.0.contains_key(image) {
            return Err(unknown(image));
        }
        let tags: Vec<&str> = body["tags"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if tags.is_empty() {
            return Err(Box::new(errors::bad_request("'tags' must not be empty")));
        }
        let results: Vec<Value> = tags
            .iter()
            .map(|tag| match self.delete(image, tag) {
                Ok(_) => json!({"tag": tag, "status": 204}),
                Err(_) => json!({"tag": tag, "status": 404, "message": "Tag not found"}),
            })
            .collect();
        let success = results.iter().filter(|one| one["status"] == 204).count();
        let summary =
            json!({"total": tags.len(), "success": success, "failed": tags.len() - success});
        Ok(Reply::json(
            207,
            json!({"results": results, "summary": summary}),
        ))
    }
}

fn unknown(name: &str) -> Refusal {
    Box::new(errors::not_found(&format!("{name} not found")))
}

/// Looks like a digest, and is always the same for an image.
fn hash(image: &str) -> String {
    let sum = image.bytes().fold(7_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    format!("sha256:{sum:016x}")
}

fn size(tag: &str) -> usize {
    256 + tag.len()
}
