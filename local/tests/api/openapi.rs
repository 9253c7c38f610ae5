//! The description of the API.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::Server;

/// The paths of the router in `api.rs`.
fn routes() -> BTreeSet<&'static str> {
    let source = include_str!("../../src/api.rs");
    source.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn the_description_has_every_path_and_method_of_the_server() {
    let server = Server::start();
    let description = server.call_with("", "GET /openapi.json", None).expect(200);
    let paths = description["paths"].as_object().expect("an object");
    let described: BTreeSet<_> = paths.keys().map(String::as_str).filter(|path| *path != "/{path}").collect();
    let mut routes = routes();
    assert!(routes.remove("/_local/{*path}"), "what answers 404");
    assert_eq!(described, routes);
    for (path, operations) in paths.iter().filter(|(path, _)| *path != "/{path}") {
        let methods = ["get", "post", "patch", "delete"].into_iter().filter(|method| operations.get(method).is_some());
        let methods: BTreeSet<_> = methods.map(str::to_uppercase).collect();
        let answer = server.manage(&format!("PUT {}", path.replace("{id}", "x")), None);
        answer.refused(405, "ERR_LOCAL_METHOD");
        let allowed = answer.header("Allow").expect("the methods").split(',').filter(|method| *method != "HEAD");
        assert_eq!(methods, allowed.map(str::to_owned).collect(), "{path}");
    }
}

#[test]
fn every_reference_in_the_description_leads_somewhere() {
    let server = Server::start();
    let description = server.call_with("", "GET /openapi.json", None).expect(200);
    let text = description.to_string();
    let references: BTreeSet<_> =
        text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(references.len() > 20);
    for reference in references {
        assert!(description.pointer(reference).is_some_and(Value::is_object), "{reference}");
    }
}
