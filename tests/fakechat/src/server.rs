//! The HTTP side: takes connections, checks the token, and brings about the faults that were asked for.
//!
//! Connections are served by hand, because a fault may be that one ends without an answer.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::chat::FakeChat;
use crate::check::{Fields, Refusal, refused};
use crate::faults::{self, Fault};
use crate::methods::{self, Uploads};
use crate::updates;
use crate::world::Call;

/// The largest body that is read.
const BODY: usize = 60 * 1024 * 1024;

/// Marks an answer that must never arrive.
#[derive(Clone)]
struct Cut;

#[derive(Debug)]
struct ConnectionEnds;

impl std::fmt::Display for ConnectionEnds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection ends here, as was asked for")
    }
}

impl std::error::Error for ConnectionEnds {}

/// Takes connections for ever.
pub(crate) async fn serve(chat: FakeChat, listener: TcpListener) {
    let router = Router::new()
        .route("/{bot}/{method}", any(api))
        .route("/file/{bot}/{*path}", get(download))
        .with_state(chat);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let router = router.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let router = router.clone();
                async move {
                    let response: Result<Response, Infallible> =
                        router.oneshot(request.map(Body::new)).await;
                    match response {
                        Ok(response) if response.extensions().get::<Cut>().is_none() => {
                            Ok(response)
                        }
                        _ => Err(ConnectionEnds),
                    }
                }
            });
            // How a connection ended is the client's to notice.
            drop(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await,
            );
        });
    }
}

async fn api(
    State(chat): State<FakeChat>,
    Path((bot, method)): Path<(String, String)>,
    request: Request,
) -> Response {
    let method = method.to_lowercase();
    if !chat.knows(&bot) {
        return answer(Err(refused(401, "Unauthorized")));
    }
    let (fields, uploads) = match read(request).await {
        Ok(read) => read,
        Err(why) => return answer(Err(refused(400, why))),
    };
    let about = methods::chat_of(&fields);
    let fault = chat.with_quietly(|world| {
        let fault = faults::take(&mut world.rules, &method, about);
        world.hit += u64::from(fault.is_some());
        fault
    });
    if let Some(Fault::Hang(time)) = &fault {
        tokio::time::sleep(*time).await;
    }
    let result = match before(fault.as_ref()) {
        Some(Before::End) => return cut(),
        Some(Before::Page(status)) => {
            note(&chat, &method, about, status.as_u16());
            return page(status);
        }
        Some(Before::Refuse(refusal)) => Err(refusal),
        None if method == "getupdates" => updates::get(&chat, &fields).await,
        None => chat.with(|world| methods::call(world, &method, &fields, uploads)),
    };
    note(
        &chat,
        &method,
        about,
        result.as_ref().err().map_or(200, |refusal| refusal.code),
    );
    match fault {
        Some(Fault::CutAfter) => cut(),
        Some(Fault::PageAfter(code)) => page(status(code)),
        Some(Fault::Junk) => "{\"ok\":tru".into_response(),
        Some(Fault::Slow(time)) => {
            tokio::time::sleep(time).await;
            answer(result)
        }
        _ => answer(result),
    }
}

enum Before {
    End,
    Page(StatusCode),
    Refuse(Refusal),
}

/// What a fault does before the call does anything.
fn before(fault: Option<&Fault>) -> Option<Before> {
    Some(match fault? {
        Fault::TooMany(wait) => Before::Refuse(Refusal {
            retry_after: Some(*wait),
            ..refused(429, format!("Too Many Requests: retry after {wait}"))
        }),
        Fault::Forbidden(words) => Before::Refuse(refused(403, format!("Forbidden: {words}"))),
        Fault::Bad(words) => Before::Refuse(refused(400, format!("Bad Request: {words}"))),
        Fault::Conflict => Before::Refuse(refused(
            409,
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        )),
        Fault::Server(code) => Before::Refuse(refused(*code, "Internal Server Error")),
        Fault::Page(code) => Before::Page(status(*code)),
        Fault::CutBefore => Before::End,
        Fault::Slow(_) | Fault::CutAfter | Fault::PageAfter(_) | Fault::Hang(_) | Fault::Junk => {
            return None;
        }
    })
}

fn note(chat: &FakeChat, method: &str, about: Option<i64>, code: u16) {
    // A poll that found nothing is nothing anybody waits for.
    if method == "getupdates" {
        chat.with_quietly(|world| {
            world.calls.push(Call {
                method: method.to_owned(),
                chat: about,
                code,
            })
        });
    } else {
        chat.with(|world| {
            world.calls.push(Call {
                method: method.to_owned(),
                chat: about,
                code,
            })
        });
    }
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY)
}

/// What somebody in between answers.
fn page(status: StatusCode) -> Response {
    (status, "<html><body><h1>Bad Gateway</h1></body></html>").into_response()
}

fn cut() -> Response {
    let mut response = StatusCode::OK.into_response();
    response.extensions_mut().insert(Cut);
    response
}

fn answer(result: Result<Value, Refusal>) -> Response {
    let (status, body) = match result {
        Ok(result) => (StatusCode::OK, json!({"ok": true, "result": result})),
        Err(refusal) => {
            let mut body =
                json!({"ok": false, "error_code": refusal.code, "description": refusal.words});
            if let Some(wait) = refusal.retry_after {
                body["parameters"] = json!({"retry_after": wait});
            }
            if let Some(moved) = refusal.migrate_to {
                body["parameters"] = json!({"migrate_to_chat_id": moved});
            }
            (
                StatusCode::from_u16(refusal.code).unwrap_or(StatusCode::BAD_REQUEST),
                body,
            )
        }
    };
    (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}

/// The fields and files of a call, JSON or a form.
async fn read(request: Request) -> Result<(Fields, Uploads), String> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    if !kind.starts_with("multipart/form-data") {
        let body = axum::body::to_bytes(request.into_body(), BODY)
            .await
            .map_err(|why| why.to_string())?;
        if body.is_empty() {
            return Ok((Fields(Map::new()), Uploads::new()));
        }
        let Ok(Value::Object(fields)) = serde_json::from_slice(&body) else {
            return Err("Bad Request: can't parse JSON object".to_owned());
        };
        return Ok((Fields(fields), Uploads::new()));
    }
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|why| why.to_string())?;
    let (mut fields, mut uploads) = (Map::new(), Uploads::new());
    while let Some(part) = form.next_field().await.map_err(|why| why.to_string())? {
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_some() {
            uploads.insert(
                name,
                part.bytes().await.map_err(|why| why.to_string())?.to_vec(),
            );
        } else {
            fields.insert(
                name,
                Value::String(part.text().await.map_err(|why| why.to_string())?),
            );
        }
    }
    Ok((Fields(fields), uploads))
}

async fn download(
    State(chat): State<FakeChat>,
    Path((bot, path)): Path<(String, String)>,
) -> Response {
    if !chat.knows(&bot) {
        return answer(Err(refused(401, "Unauthorized")));
    }
    let (fault, bytes) = chat.with_quietly(|world| {
        let fault = faults::take(&mut world.rules, "download", None);
        world.hit += u64::from(fault.is_some());
        (
            fault,
            world.files.by_path(&path).map(|file| file.bytes.clone()),
        )
    });
    if let Some(Fault::Hang(time) | Fault::Slow(time)) = &fault {
        tokio::time::sleep(*time).await;
    }
    match (before(fault.as_ref()), bytes) {
        (Some(Before::End), _) => cut(),
        (Some(Before::Page(status)), _) => status.into_response(),
        (Some(Before::Refuse(refusal)), _) => answer(Err(refusal)),
        (None, Some(bytes)) => bytes.into_response(),
        (None, None) => answer(Err(refused(404, "Not Found"))),
    }
}
