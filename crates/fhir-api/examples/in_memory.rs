//! The face over a store in memory with a small synthetic population, for measuring what
//! HTTP and the face cost apart from any disk:
//!
//! ```text
//! cargo run --release -p fhir-api --example in_memory
//! wrk -t2 -c16 -d10 http://127.0.0.1:8095/fhir/Patient/ID
//! ```

use access::Role;
use fhir_api::{Api, FhirApi, Settings};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime starts");
    runtime.block_on(serve());
}

async fn serve() {
    let clinic = testkit::clinic();
    let caller = testkit::caller(Role::Integration);
    let country = country::all().first().expect("there is a country");
    let mut bundles = synth::Population::new(country, 1).bundles(40);
    let mut text = String::new();
    let mut patients = Vec::new();
    while bundles.write_bundle(&mut text) {
        let done = clinic.chart.bundle(&caller, text.as_bytes()).await.expect("a synthetic bundle is taken");
        for entry in done.entries {
            if let Ok(chart::EntryResult::Written(written)) = entry.result
                && written.stored.kind == fhir::ResourceType::PATIENT
            {
                patients.push(written.stored.id);
            }
        }
        text.clear();
    }
    println!("{}", patients.join("\n"));
    let face = FhirApi::new(Api { oauth: clinic.oauth(), chart: clinic.chart, settings: Settings::default(), open: Some(caller), seed: [1; 32] });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8095").await.expect("the port is free");
    loop {
        let (stream, _) = listener.accept().await.expect("a connection comes");
        let _ = stream.set_nodelay(true);
        let face = face.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let face = face.clone();
                async move { Ok::<_, Infallible>(face.answer(request.map(axum::body::Body::new)).await) }
            });
            let _ = hyper::server::conn::http1::Builder::new().pipeline_flush(true).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
