//! Compiled programs, loaded and ahead of time.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use super::client::program;
use super::compile_options::compile_options;
use super::named_value::NamedValue;
use super::table::{Function, Words, types};
use super::{Api, Device, Handle, extents, items, kind, text};
use crate::pjrt::{ArrayType, Error, Figure, Memory};

/// A loaded program, its description, and its number of results.
#[derive(Debug)]
pub(in crate::pjrt) struct Loaded {
    /// Dropped first: it describes the loaded program.
    pub program: Handle<kind::Executable>,
    handle: Handle<kind::LoadedExecutable>,
    results: usize,
}

impl Loaded {
    pub(super) fn new(handle: Handle<kind::LoadedExecutable>) -> Result<Loaded, Error> {
        let action = "cannot inspect the compiled program";
        let (api, mut words) = (handle.api, handle.words());
        // SAFETY: PJRT_LoadedExecutable_GetExecutable_Args; we own the executable in word 3. The loaded executable,
        // which it describes, is dropped after it.
        let program: Handle<kind::Executable> = unsafe {
            api.call(action, Function::LoadedExecutableGetExecutable, &mut words)?;
            Handle::take(api, action, &words, 3, None)
        }?;
        let results = program.count_results()?;
        Ok(Loaded { program, handle, results })
    }

    /// The devices that it runs on, in the order of their parts.
    pub fn devices(&self) -> Result<Vec<Device>, Error> {
        let action = "cannot list the devices of the program";
        let mut words = self.handle.words();
        // SAFETY: PJRT_LoadedExecutable_AddressableDevices_Args; the list lives as long as the program, and the devices
        // as long as its client.
        unsafe {
            self.handle.api.call(action, Function::LoadedExecutableAddressableDevices, &mut words)?;
            Device::list(&words, 3)
        }
    }

    /// Runs the program on buffers of its own client, those of each device in a list, and waits for it. Returns the
    /// results on each device.
    pub fn execute(
        &self,
        arguments: &[Vec<&Handle<kind::Buffer>>],
        client: &Arc<Handle<kind::Client>>,
    ) -> Result<Vec<Vec<Handle<kind::Buffer>>>, Error> {
        let action = "cannot run the program";
        let api = self.handle.api;
        let count = arguments.first().map_or(0, Vec::len);
        debug_assert!(arguments.iter().all(|list| list.len() == count));
        let arguments: Vec<Vec<*mut c_void>> =
            arguments.iter().map(|list| list.iter().map(|argument| argument.pointer()).collect()).collect();
        let mut results = vec![vec![ptr::null_mut::<c_void>(); self.results]; arguments.len()];
        let argument_lists: Vec<*const *mut c_void> = arguments.iter().map(|list| list.as_ptr()).collect();
        let result_lists: Vec<*mut *mut c_void> = results.iter_mut().map(|list| list.as_mut_ptr()).collect();
        let mut events = vec![ptr::null_mut::<c_void>(); arguments.len()];
        // A program may alias results to arguments; our arguments must not be overwritten.
        let kept: Vec<i64> = (0..count as i64).collect();
        let mut options = Words::new().list(7, &kept);
        let mut words = self
            .handle
            .words()
            .address(3, options.as_mut_ptr())
            .address(4, argument_lists.as_ptr())
            .number(5, argument_lists.len())
            .number(6, count)
            .address(7, result_lists.as_ptr())
            .address(8, events.as_mut_ptr());
        // SAFETY: PJRT_LoadedExecutable_Execute_Args and PJRT_ExecuteOptions, which lists the arguments that are not
        // donated; on each device, there is room for the program's results and for an event. All events are awaited, also
        // after an error of one.
        let outcome = unsafe {
            let outcome = api.call(action, Function::LoadedExecutableExecute, &mut words);
            let waits: Vec<_> = events.iter().map(|event| api.wait(action, *event)).collect();
            outcome.and(waits.into_iter().collect::<Result<(), Error>>())
        };
        // We own all results that were returned, even after an error.
        let take = |result: *mut c_void| {
            let words = Words::new().address(2, result);
            // SAFETY: a result is a buffer of this client that we own.
            unsafe { Handle::take(api, action, &words, 2, Some(client.clone())) }
        };
        let results: Vec<Vec<_>> = results.into_iter().map(|list| list.into_iter().map(take).collect()).collect();
        outcome?;
        results.into_iter().map(|list| list.into_iter().collect()).collect()
    }
}

impl Handle<kind::Executable> {
    fn count_results(&self) -> Result<usize, Error> {
        let mut words = self.words();
        // SAFETY: PJRT_Executable_NumOutputs_Args.
        unsafe { self.api.call("cannot count the results", Function::ExecutableNumOutputs, &mut words) }?;
        Ok(words.size(3))
    }

    /// The types of the results; for an unknown element type, its code.
    pub fn results(&self) -> Result<Vec<Result<ArrayType, String>>, Error> {
        let action = "cannot query the types of the results";
        let (mut numbers, mut dimensions) = (self.words(), self.words());
        // SAFETY: PJRT_Executable_OutputElementTypes_Args and …OutputDimensions_Args; the lists live as long as the
        // executable, and the ranks add up to the number of extents.
        let (numbers, ranks, mut rest) = unsafe {
            self.api.call(action, Function::ExecutableOutputElementTypes, &mut numbers)?;
            self.api.call(action, Function::ExecutableOutputDimensions, &mut dimensions)?;
            let ranks = items::<usize>(
                &Words::new().address(2, dimensions.pointer::<usize>(5)).number(3, dimensions.size(3)),
                2,
            );
            let all = Words::new().address(2, dimensions.pointer::<i64>(4)).number(3, ranks.iter().sum());
            (items::<i32>(&numbers, 3), ranks, items::<i64>(&all, 2))
        };
        if numbers.len() != ranks.len() {
            return Err(Error::Answer {
                action,
                answer: format!("{} types and {} shapes", numbers.len(), ranks.len()),
            });
        }
        let mut results = Vec::new();
        for (code, rank) in numbers.iter().zip(ranks) {
            let (these, others) = rest.split_at_checked(*rank).unwrap_or((rest, &[]));
            rest = others;
            let shape = extents(action, these)?;
            results.push(match types::number(*code) {
                Some(number) => Ok(ArrayType { number, shape }),
                None => Err(format!("an array of the unsupported PJRT element type {code}")),
            });
        }
        Ok(results)
    }

    /// The memory use of the program.
    pub fn memory(&self) -> Result<Memory, Error> {
        let mut words = self.words();
        // SAFETY: PJRT_Executable_GetCompiledMemoryStats_Args.
        unsafe {
            self.api.call("cannot query memory use", Function::ExecutableGetCompiledMemoryStats, &mut words)?;
        }
        let bytes = |word| words.size(word) as i64;
        Ok(Memory {
            code: bytes(3),
            arguments: bytes(4),
            results: bytes(5),
            shared: bytes(6),
            temporary: bytes(7),
            host_code: bytes(8),
            host_arguments: bytes(9),
            host_results: bytes(10),
            host_shared: bytes(11),
            host_temporary: bytes(12),
            // Only in later versions; 0 means unknown.
            peak: Some(bytes(13)).filter(|peak| *peak != 0),
        })
    }

    /// The compiler's cost estimate of a run.
    pub fn cost(&self) -> Result<Vec<(String, Figure)>, Error> {
        let mut words = self.words();
        // SAFETY: PJRT_Executable_GetCostAnalysis_Args, where the number comes before the list; the list and its
        // contents live as long as the executable.
        unsafe {
            self.api.call("cannot query the cost", Function::ExecutableGetCostAnalysis, &mut words)?;
            let list = Words::new().address(2, words.pointer::<NamedValue>(4)).number(3, words.size(3));
            Ok(items::<NamedValue>(&list, 2).iter().map(|value| value.read()).collect())
        }
    }

    /// The compiled program, as a serialized `HloModuleProtoWithConfig` or what the plugin has instead, and the name of
    /// that format.
    pub fn optimized_program(&self) -> Result<(Vec<u8>, String), Error> {
        let action = "cannot read the compiled program";
        let mut program = Words::new();
        // SAFETY: PJRT_Executable_OptimizedProgram_Args with a PJRT_Program, whose code is null in the first call, which
        // then stores its size; the second call writes so many bytes. The text of the format lives as long as the plugin.
        unsafe {
            let mut words = self.words().address(3, program.as_mut_ptr());
            self.api.call(action, Function::ExecutableOptimizedProgram, &mut words)?;
            let mut code = vec![0_u8; program.size(3)];
            program = program.address(2, code.as_mut_ptr());
            let mut words = self.words().address(3, program.as_mut_ptr());
            self.api.call(action, Function::ExecutableOptimizedProgram, &mut words)?;
            code.truncate(program.size(3));
            Ok((code, text(&program, 4)))
        }
    }

    /// The program as bytes, which the same version of the plugin can load.
    pub fn serialize(&self) -> Result<Vec<u8>, Error> {
        let mut words = self.words();
        // SAFETY: PJRT_Executable_Serialize_Args; the bytes in words 3 and 4 live until their owner in word 5 is passed
        // to the function in word 6.
        unsafe {
            self.api.call("cannot serialize the program", Function::ExecutableSerialize, &mut words)?;
            let bytes = items::<u8>(&words, 3).to_vec();
            let deleter = words.pointer::<c_void>(6);
            if !deleter.is_null() {
                std::mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut c_void)>(deleter)(words.pointer(5));
            }
            Ok(bytes)
        }
    }
}

impl Handle<kind::Topology> {
    pub fn create(api: Api, name: &str) -> Result<Handle<kind::Topology>, Error> {
        let action = "cannot create the topology";
        let mut words = Words::new().list(2, name.as_bytes());
        // SAFETY: PJRT_TopologyDescription_Create_Args without options; we own the topology in word 6.
        unsafe {
            api.call(action, Function::TopologyDescriptionCreate, &mut words)?;
            Handle::take(api, action, &words, 6, None)
        }
    }

    /// The platform, such as "tpu".
    pub fn platform(&self) -> Result<String, Error> {
        let mut words = self.words();
        // SAFETY: PJRT_TopologyDescription_PlatformName_Args; the text lives as long as the topology.
        unsafe {
            self.api.call("cannot query the platform", Function::TopologyDescriptionPlatformName, &mut words)?;
            Ok(text(&words, 3))
        }
    }

    /// Compiles for one of these devices.
    pub fn compile(self: &Arc<Self>, stablehlo: &str) -> Result<Handle<kind::Executable>, Error> {
        let action = "cannot compile the program";
        let mut program = program(stablehlo);
        let options = compile_options(1, &[]);
        let mut words = self.words().address(3, program.as_mut_ptr()).list(4, &options);
        // SAFETY: PJRT_Compile_Args without a client; we own the executable in word 7.
        unsafe {
            self.api.call(action, Function::Compile, &mut words)?;
            Handle::take(self.api, action, &words, 7, Some(self.clone()))
        }
    }
}
