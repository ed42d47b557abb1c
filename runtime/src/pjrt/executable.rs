//! Executable programs.

use std::borrow::Borrow;
use std::sync::Arc;

use dp_abi::{Sharding, Shardings};

use super::ffi::{Device, Handle, Loaded, kind};
use super::hlo::{Collective, Program};
use super::{ArrayType, Buffer, Client, Cost, Error, Memory, Signature, parts, status};
use crate::Array;

/// A compiled program on the first device of a [`Client`], or divided over several.
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
    /// Of a program that is divided over several devices.
    divided: Option<Divided>,
}

/// How a program is divided over devices.
#[derive(Debug)]
struct Divided {
    devices: Vec<Device>,
    shardings: Shardings,
    /// The signature of the program on each device.
    signature: Signature,
}

impl Executable {
    pub(super) fn new(
        client: &Client,
        loaded: Loaded,
        signature: Signature,
        messages: Vec<String>,
        shardings: Option<Shardings>,
    ) -> Result<Executable, Error> {
        let divided = shardings.map(|shardings| Divided::new(&loaded, shardings, &signature)).transpose()?;
        let on_device = divided.as_ref().map_or(&signature, |divided| &divided.signature);
        let mut given = loaded.program.results()?;
        if !messages.is_empty() && given.len() == on_device.results.len() + 1 {
            given.pop();
        }
        let agree = given.len() == on_device.results.len()
            && given
                .iter()
                .zip(&on_device.results)
                .all(|(given, expected)| given.as_ref().is_ok_and(|given| given.agrees(expected)));
        if !agree {
            return Err(Error::Signature {
                expected: on_device.results.clone(),
                given: given
                    .into_iter()
                    .map(|given| given.map_or_else(|text| text, |given| given.to_string()))
                    .collect(),
            });
        }
        Ok(Executable { inner: Arc::new(Inner { loaded, client: client.clone(), signature, messages, divided }) })
    }

    /// The signature.
    pub fn signature(&self) -> &Signature {
        &self.inner.signature
    }

    /// Runs the program on host arrays.
    pub fn run<A: Borrow<Array>>(&self, arguments: &[A]) -> Result<Vec<Array>, Error> {
        self.check(arguments.iter().map(|argument| argument.borrow().into()))?;
        if let Some(divided) = &self.inner.divided {
            return self.run_divided(divided, arguments);
        }
        let client = &self.inner.client;
        let buffers: Vec<Buffer> =
            arguments.iter().map(|argument| client.upload(argument.borrow())).collect::<Result<_, _>>()?;
        self.execute(&buffers.iter().map(|buffer| &*buffer.handle).collect::<Vec<_>>())?
            .iter()
            .map(Buffer::download)
            .collect()
    }

    /// Runs the program on device buffers, leaves its results on the device, and waits until it has finished. For programs
    /// on one device.
    pub fn run_on_device<B: Borrow<Buffer>>(&self, arguments: &[B]) -> Result<Vec<Buffer>, Error> {
        if let Some(divided) = &self.inner.divided {
            return Err(Error::Divided { devices: divided.devices.len() });
        }
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

    /// The collective operations of the compiled program, by which devices exchange data. One in a loop is listed once.
    pub fn collectives(&self) -> Result<Vec<Collective>, Error> {
        let (bytes, format) = self.inner.loaded.program.optimized_program()?;
        Ok(Program::read(&bytes, &format)?.collectives)
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
        let Inner { loaded, client, signature, .. } = &*self.inner;
        let on_devices = loaded.execute(&[arguments.to_vec()], &client.handle)?;
        on_devices.into_iter().next().map_or(Ok(Vec::new()), |results| self.results(results, signature))
    }

    /// Gives each device its parts of checked arguments, runs the program, and joins the parts of its results.
    fn run_divided<A: Borrow<Array>>(&self, divided: &Divided, arguments: &[A]) -> Result<Vec<Array>, Error> {
        let Inner { loaded, client, signature, .. } = &*self.inner;
        let Divided { devices, shardings, signature: on_device } = divided;
        let mut given = Vec::new();
        for (index, device) in devices.iter().enumerate() {
            let part = |((argument, sharding), r#type): ((&A, &Sharding), &ArrayType)| {
                let part = parts::part(argument.borrow(), &sharding.positions[index], &r#type.shape);
                client.handle.upload(*device, &part)
            };
            let parts = arguments.iter().zip(&shardings.arguments).zip(&on_device.arguments).map(part);
            given.push(parts.collect::<Result<Vec<_>, Error>>()?);
        }
        let lists: Vec<Vec<&Handle<kind::Buffer>>> = given.iter().map(|list| list.iter().collect()).collect();
        let mut columns: Vec<Vec<Array>> = vec![Vec::new(); signature.results.len()];
        for results in loaded.execute(&lists, &client.handle)? {
            for (column, part) in columns.iter_mut().zip(self.results(results, on_device)?) {
                column.push(part.download()?);
            }
        }
        let join = |((column, sharding), r#type): ((Vec<Array>, &Sharding), &ArrayType)| {
            parts::whole(&column, sharding, r#type).ok_or_else(|| Error::TooLarge { array: r#type.clone() })
        };
        columns.into_iter().zip(&shardings.results).zip(&signature.results).map(join).collect()
    }

    /// The results of a run on one device, after a check of its status and of their types.
    fn results(&self, mut results: Vec<Handle<kind::Buffer>>, signature: &Signature) -> Result<Vec<Buffer>, Error> {
        let Inner { client, messages, .. } = &*self.inner;
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

impl Divided {
    /// Checks that the compiler divides the program as the shardings say: a part of another shape would leave the other
    /// devices waiting for ever.
    fn new(loaded: &Loaded, shardings: Shardings, signature: &Signature) -> Result<Divided, Error> {
        let devices = loaded.devices()?;
        if devices.len() != shardings.devices {
            return Err(Error::Devices { expected: shardings.devices, given: devices.len() });
        }
        let part = |((index, r#type), sharding): ((usize, &ArrayType), &Sharding)| {
            let shape = sharding.part(&r#type.shape).map_err(|source| Error::Indivisible { index, source })?;
            Ok(ArrayType { number: r#type.number, shape })
        };
        let parts = |types: &[ArrayType], shardings: &[Sharding]| {
            types.iter().enumerate().zip(shardings).map(part).collect::<Result<Vec<_>, Error>>()
        };
        let arguments = parts(&signature.arguments, &shardings.arguments)?;
        let results = parts(&signature.results, &shardings.results)?;
        let (bytes, format) = loaded.program.optimized_program()?;
        let given = Program::read(&bytes, &format)?.arguments;
        let expected: Vec<&Vec<usize>> = arguments.iter().map(|r#type| &r#type.shape).collect();
        if !given.iter().eq(expected.iter().copied()) {
            return Err(Error::Answer {
                action: "cannot divide the program",
                answer: format!("arguments of the shapes {given:?} on each device, expected {expected:?}"),
            });
        }
        Ok(Divided { devices, shardings, signature: Signature { arguments, results } })
    }
}
