//! Acts of several steps that are done whole, whoever hangs up between them.
//!
//! * A client that goes away drops what waits for it. What was handed over to the engine is written all the same,
//!   and the steps after it would be missing.
//! * Where the process ends in between, what is left over is for the next start or for whoever asks again.

/// Does something to its end, also where nobody waits for it any more. What panics there panics here.
pub(crate) async fn to_its_end<T: Send + 'static>(act: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(act).await {
        Ok(done) => done,
        Err(cause) => match cause.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The process ends, and nobody is answered any more.
            Err(_cancelled) => std::future::pending().await,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn it_goes_on_where_nobody_waits() {
        let (go_on, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (gate, end) = (go_on.clone(), done.clone());
        let act = to_its_end(async move {
            gate.notified().await;
            end.notify_one();
        });
        assert!(tokio::time::timeout(Duration::from_millis(20), act).await.is_err());
        go_on.notify_one();
        tokio::time::timeout(Duration::from_secs(20), done.notified()).await.expect("it was done to its end");
        assert_eq!(to_its_end(async { 7 }).await, 7);
    }
}
