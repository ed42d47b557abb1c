//! Executable programs.

use std::borrow::Borrow;
use std::sync::Arc;

use super::ffi::{Handle, Loaded, kind};
use super::{ArrayType, Buffer, Client, Cost, Error, Memory, Signature, status};
use crate::Array;

/// A compiled program on the device of a [`Client`].
#[derive(Clone, Debug)]
pub struct Executable {
    inner: Arc<Inner>,
}

/// Fields are dropped in order: the program before its client.
#[derive(Debug)]
struct Inner {
    loaded: Loaded,
    client: Client,
    signature: Signature,
    /// The messages of the status after the results; none if the program has no status.
    messages: Vec<String>,
}

impl Executable {
    pub(super) fn new(
        client: &Client,
        loaded: Loaded,
        signature: Signature,
        messages: Vec<String>,
    ) -> Result<Executable, Error> {
        let mut given = loaded.program.results()?;
        if !messages.is_empty() && given.len() == signature.results.len() + 1 {
            given.pop();
        }
        let agree = given.len() == signature.results.len()
            && given
                .iter()
                .zip(&signature.results)
                .all(|(given, expected)| given.as_ref().is_ok_and(|given| given.agrees(expected)));
        if !agree {
            return Err(Error::Signature {
                expected: signature.results,
                given: given
                    .into_iter()
                    .map(|given| given.map_or_else(|text| text, |given| given.to_string()))
                    .collect(),
            });
        }
        Ok(Executable { inner: Arc::new(Inner { loaded, client: client.clone(), signature, messages }) })
    }

    /// The signature.
    pub fn signature(&self) -> &Signature {
        &self.inner.signature
    }

    /// Runs the program on host arrays.
    pub fn run<A: Borrow<Array>>(&self, arguments: &[A]) -> Result<Vec<Array>, Error> {
        self.check(arguments.iter().map(|argument| argument.borrow().into()))?;
        let client = &self.inner.client;
        let buffers: Vec<Buffer> =
            arguments.iter().map(|argument| client.upload(argument.borrow())).collect::<Result<_, _>>()?;
        self.execute(&buffers.iter().map(|buffer| &*buffer.handle).collect::<Vec<_>>())?
            .iter()
            .map(Buffer::download)
            .collect()
    }

    /// Runs the program on device buffers, leaves its results on the device, and waits until it has finished.
    pub fn run_on_device<B: Borrow<Buffer>>(&self, arguments: &[B]) -> Result<Vec<Buffer>, Error> {
        self.check(arguments.iter().map(|argument| argument.borrow().array_type().clone()))?;
        let mut clients = arguments.iter().map(|argument| &argument.borrow().client);
        if let Some(index) = clients.position(|client| !client.is(&self.inner.client)) {
            return Err(Error::OtherClient { index });
        }
        self.execute(&arguments.iter().map(|argument| &*argument.borrow().handle).collect::<Vec<_>>())
    }

    /// The memory use of the program.
    pub fn memory(&self) -> Result<Memory, Error> {
        self.inner.loaded.program.memory()
    }

    /// The compiler's estimate of the cost of a run.
    pub fn cost(&self) -> Result<Cost, Error> {
        self.inner.loaded.program.cost()
    }

    /// Checks arguments against the signature.
    fn check(&self, arguments: impl ExactSizeIterator<Item = ArrayType>) -> Result<(), Error> {
        let expected = &self.inner.signature.arguments;
        if arguments.len() != expected.len() {
            return Err(Error::Count { expected: expected.len(), given: arguments.len() });
        }
        for (index, (given, expected)) in arguments.zip(expected).enumerate() {
            if !given.agrees(expected) {
                return Err(Error::Argument { index, expected: expected.clone(), given });
            }
        }
        Ok(())
    }

    /// Runs the program on checked arguments, and checks its results.
    fn execute(&self, arguments: &[&Handle<kind::Buffer>]) -> Result<Vec<Buffer>, Error> {
        let Inner { loaded, client, signature, messages } = &*self.inner;
        let mut results = loaded.execute(arguments, &client.handle)?;
        // A host that lists the status in the signature reads it itself.
        if !messages.is_empty()
            && results.len() == signature.results.len() + 1
            && let Some(status) = results.pop()
        {
            status::check(&status.download(&ArrayType::of::<i32>(&[]))?, messages)?;
        }
        let buffers = results.into_iter().zip(&signature.results).map(|(handle, expected)| {
            let given = handle.array_type()?;
            match given.agrees(expected) {
                true => Ok(Buffer::new(client.clone(), handle, expected.clone())),
                false => Err(Error::Answer {
                    action: "cannot run the program",
                    answer: format!("a result of type {given}, expected {expected}"),
                }),
            }
        });
        buffers.collect()
    }
}
