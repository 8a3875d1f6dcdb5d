//! Well-formed messages of any method, and sometimes bytes that are none, one after the other on one daemon.
#![no_main]

use std::time::Duration;

use arbitrary::Unstructured;
use bytes::Bytes;
use http::uri::PathAndQuery;
use libfuzzer_sys::fuzz_target;
use prost_reflect::MethodDescriptor;
use served::messages::{methods, request};
use served::raw::Raw;
use served::served;
use tokio_stream::StreamExt;
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

/// Answers of a stream that are looked at: a watch never ends.
const ANSWERS_MAX: usize = 8;
/// A watch that has nothing more to say is left after this.
const PATIENCE: Duration = Duration::from_millis(20);

fuzz_target!(|data: &[u8]| {
    let served = served();
    let mut from = Unstructured::new(data);
    let mut calls = Vec::new();
    while let (Ok(method), false) = (from.choose(methods()), from.is_empty()) {
        let Ok(count) = from.int_in_range(1..=3_usize) else { break };
        let raw = from.ratio(1, 16).unwrap_or(false);
        let messages = (0..if method.is_client_streaming() { count } else { 1 })
            .map_while(|_| match raw {
                true => from.arbitrary::<Vec<u8>>().ok().map(Bytes::from),
                false => request(method, &mut from).ok(),
            })
            .collect::<Vec<_>>();
        if messages.is_empty() || calls.len() == 8 {
            break;
        }
        calls.push((method, messages));
    }
    served.runtime.block_on(async {
        let channel = served.inside.channel().await.expect("the daemon serves");
        for (method, messages) in calls {
            let answered = tokio::time::timeout(Duration::from_secs(10), call(&channel, method, messages));
            let answered = answered.await.unwrap_or_else(|_| panic!("no answer to {}", method.full_name()));
            if let Err(status) = answered {
                assert!(
                    !matches!(status.code(), Code::Internal | Code::Unknown | Code::DataLoss | Code::Unavailable)
                        || status.message().contains("failed to decode"),
                    "{}: {status}",
                    method.full_name()
                );
            }
        }
    });
});

async fn call(channel: &Channel, method: &MethodDescriptor, messages: Vec<Bytes>) -> Result<(), Status> {
    let mut grpc = Grpc::new(channel.clone()).max_decoding_message_size(usize::MAX);
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let path = PathAndQuery::try_from(path).expect("a path");
    let requests = tokio_stream::iter(messages);
    if !method.is_server_streaming() {
        return grpc.client_streaming(Request::new(requests), path, Raw).await.map(drop);
    }
    let answers = grpc.streaming(Request::new(requests), path, Raw).await?.into_inner();
    let mut answers = std::pin::pin!(answers.take(ANSWERS_MAX));
    while let Ok(Some(answer)) = tokio::time::timeout(PATIENCE, answers.next()).await {
        answer?;
    }
    Ok(())
}
