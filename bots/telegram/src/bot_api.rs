//! Bot API over HTTP: one request, one response, every error classified and free of the token.
//!
//! Payloads and types are teloxide's. Its own sender is not used: it sleeps ten seconds at every server
//! error, waits at most seventeen for a long poll, and puts addresses, hence the token, into its errors.
//! Pace and retries are the API client's; this does not know when to call, or what to do with an error.

use std::time::Duration;

use reqwest::multipart::Form;
use reqwest::{Client, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use teloxide::requests::Payload;

use crate::api_error::{ApiError, Envelope, classify};
use crate::token::Token;

/// Address of Telegram.
const TELEGRAM: &str = "https://api.telegram.org";

/// Connection to the platform.
pub(crate) struct BotApi {
    http: Client,
    base: Url,
    token: Token,
}

impl BotApi {
    /// To Telegram, or to another server that speaks as it does.
    pub(crate) fn new(token: Token, base: Option<&str>) -> Result<Self, String> {
        let base = Url::parse(base.unwrap_or(TELEGRAM))
            .map_err(|why| format!("the address of the chat server is no address: {why}"))?;
        if base.cannot_be_a_base() || !matches!(base.scheme(), "http" | "https") {
            return Err(
                "the address of the chat server must begin with https:// or http://".to_owned(),
            );
        }
        let mut http = Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none());
        // A server on this machine is reached without a proxy.
        if matches!(base.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")) {
            http = http.no_proxy();
        }
        let http = http
            .build()
            .map_err(|why| token.scrub(&why.without_url().to_string()))?;
        Ok(Self { http, base, token })
    }

    /// Calls a method.
    pub(crate) async fn call<P, T>(&self, payload: &P, timeout: Duration) -> Result<T, ApiError>
    where
        P: Payload + Serialize,
        T: DeserializeOwned,
    {
        let body = serde_json::to_vec(payload).map_err(|why| ApiError::Refused(why.to_string()))?;
        let request = self
            .http
            .post(self.method(P::NAME))
            .header("content-type", "application/json")
            .body(body);
        self.answer(request, timeout).await
    }

    /// Calls a method with a file in it.
    pub(crate) async fn upload<T: DeserializeOwned>(
        &self,
        method: &str,
        form: Form,
        timeout: Duration,
    ) -> Result<T, ApiError> {
        self.answer(self.http.post(self.method(method)).multipart(form), timeout)
            .await
    }

    /// Fetches a file the platform keeps; more than `most` bytes are refused.
    pub(crate) async fn download(
        &self,
        path: &str,
        most: usize,
        timeout: Duration,
    ) -> Result<Vec<u8>, ApiError> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments
                .pop_if_empty()
                .push("file")
                .push(&format!("bot{}", self.token.secret()))
                .extend(
                    path.split('/')
                        .filter(|part| !part.is_empty() && !matches!(*part, "." | "..")),
                );
        }
        let fetch = async {
            let mut response = self
                .http
                .get(url)
                .send()
                .await
                .map_err(|why| self.network(why))?;
            let status = response.status().as_u16();
            if status != 200 {
                return Err(classify(
                    if status == 404 { 400 } else { status },
                    "Bad Request: the file is gone",
                    &Default::default(),
                ));
            }
            let mut bytes = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|why| self.network(why))? {
                if bytes.len() + chunk.len() > most {
                    return Err(ApiError::Refused(format!(
                        "a file of more than {} MB",
                        most / (1024 * 1024)
                    )));
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(bytes)
        };
        tokio::time::timeout(timeout, fetch)
            .await
            .unwrap_or_else(|_| Err(ApiError::Unclear("it took too long".to_owned())))
    }

    fn method(&self, name: &str) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments
                .pop_if_empty()
                .push(&format!("bot{}", self.token.secret()))
                .push(name);
        }
        url
    }

    async fn answer<T: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
        timeout: Duration,
    ) -> Result<T, ApiError> {
        let response = request
            .timeout(timeout)
            .send()
            .await
            .map_err(|why| self.network(why))?;
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(|why| self.network(why))?;
        // Proxies stand between us and the platform, and they do not answer in its words.
        let Ok(envelope) = serde_json::from_slice::<Envelope<T>>(&body) else {
            return Err(ApiError::Unclear(format!(
                "an answer that cannot be read, with status {status}"
            )));
        };
        match envelope.result {
            Some(result) if envelope.ok => Ok(result),
            _ => {
                let code = if envelope.error_code == 0 {
                    status
                } else {
                    envelope.error_code
                };
                Err(classify(
                    code,
                    &self.token.scrub(&envelope.description),
                    &envelope.parameters,
                ))
            }
        }
    }

    fn network(&self, why: reqwest::Error) -> ApiError {
        let never_sent = why.is_connect() || why.is_builder();
        let words = if why.is_timeout() {
            "it took too long".to_owned()
        } else {
            let why = why.without_url();
            let mut words = why.to_string();
            let mut source = std::error::Error::source(&why);
            while let Some(cause) = source {
                words = format!("{words}: {cause}");
                source = cause.source();
            }
            self.token.scrub(&words)
        };
        if never_sent {
            ApiError::NotSent(words)
        } else {
            ApiError::Unclear(words)
        }
    }
}
