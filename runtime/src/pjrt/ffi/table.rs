//! The function table and the layout of argument structs.
//!
//! A plugin's `GetPjrtApi` returns a table: its size, an extension, the version (its own size, an extension, two
//! numbers), and function pointers, each of which has kept its position since version 0.57 of the API. A function takes
//! the address of a struct: its size, an extension, and then fields; later versions only append fields.
//!
//! On a 64-bit machine, every field used here takes one word, so a struct is an array of words. It has more words than
//! any struct has fields, and unset words are zero, the default of fields of later versions. (Plugins reject structs
//! that are too small, but not ones that are too large.)

use std::ffi::c_void;
use std::ops::RangeInclusive;
use std::ptr;

#[cfg(not(all(target_pointer_width = "64", target_endian = "little")))]
compile_error!("the structs of the PJRT API are laid out here for little-endian machines of 64 bits");

/// The supported major version.
pub(in crate::pjrt) const MAJOR: i32 = 0;
/// The supported minor versions, of which the first, the last and many in between were tested.
pub(in crate::pjrt) const MINORS: RangeInclusive<i32> = 81..=117;

/// The word of the table that contains the version, four bytes per number.
pub(super) const VERSION_WORD: usize = 4;
/// The first word with a function.
pub(super) const FIRST_FUNCTION: usize = 5;

/// Names the functions that are used, with their positions.
macro_rules! functions {
    ($($name:ident = $place:literal, $symbol:literal;)*) => {
        /// A function of the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Function { $($name = $place,)* }

        impl Function {
            /// Its name in C.
            pub(super) fn name(self) -> &'static str {
                match self { $(Function::$name => $symbol,)* }
            }
        }

        /// The number of functions that the table must have.
        pub(super) const FUNCTIONS: usize = {
            let places: &[usize] = &[$($place),*];
            let (mut most, mut index) = (0, 0);
            while index < places.len() {
                most = if places[index] > most { places[index] } else { most };
                index += 1;
            }
            most + 1
        };
    };
}
functions! {
    ErrorDestroy = 0, "PJRT_Error_Destroy";
    ErrorMessage = 1, "PJRT_Error_Message";
    ErrorGetCode = 2, "PJRT_Error_GetCode";
    PluginInitialize = 3, "PJRT_Plugin_Initialize";
    EventDestroy = 5, "PJRT_Event_Destroy";
    EventAwait = 8, "PJRT_Event_Await";
    ClientCreate = 10, "PJRT_Client_Create";
    ClientDestroy = 11, "PJRT_Client_Destroy";
    ClientPlatformName = 12, "PJRT_Client_PlatformName";
    ClientAddressableDevices = 16, "PJRT_Client_AddressableDevices";
    ClientCompile = 20, "PJRT_Client_Compile";
    ClientBufferFromHostBuffer = 22, "PJRT_Client_BufferFromHostBuffer";
    ExecutableDestroy = 40, "PJRT_Executable_Destroy";
    ExecutableNumOutputs = 44, "PJRT_Executable_NumOutputs";
    ExecutableGetCostAnalysis = 46, "PJRT_Executable_GetCostAnalysis";
    ExecutableOptimizedProgram = 48, "PJRT_Executable_OptimizedProgram";
    ExecutableSerialize = 49, "PJRT_Executable_Serialize";
    LoadedExecutableDestroy = 50, "PJRT_LoadedExecutable_Destroy";
    LoadedExecutableGetExecutable = 51, "PJRT_LoadedExecutable_GetExecutable";
    LoadedExecutableAddressableDevices = 52, "PJRT_LoadedExecutable_AddressableDevices";
    LoadedExecutableExecute = 55, "PJRT_LoadedExecutable_Execute";
    BufferDestroy = 58, "PJRT_Buffer_Destroy";
    BufferElementType = 59, "PJRT_Buffer_ElementType";
    BufferDimensions = 60, "PJRT_Buffer_Dimensions";
    BufferToHostBuffer = 70, "PJRT_Buffer_ToHostBuffer";
    TopologyDescriptionCreate = 82, "PJRT_TopologyDescription_Create";
    TopologyDescriptionDestroy = 83, "PJRT_TopologyDescription_Destroy";
    TopologyDescriptionPlatformName = 84, "PJRT_TopologyDescription_PlatformName";
    Compile = 89, "PJRT_Compile";
    ExecutableOutputElementTypes = 90, "PJRT_Executable_OutputElementTypes";
    ExecutableOutputDimensions = 91, "PJRT_Executable_OutputDimensions";
    ExecutableGetCompiledMemoryStats = 96, "PJRT_Executable_GetCompiledMemoryStats";
}

/// The number of words in a struct, more than any struct of the API has.
const WORDS: usize = 64;

/// An argument struct of the API.
pub(super) struct Words([*mut c_void; WORDS]);

impl Words {
    /// All zero, except the size.
    pub(super) fn new() -> Words {
        let mut words = [ptr::null_mut(); WORDS];
        words[0] = ptr::without_provenance_mut(size_of::<Words>());
        Words(words)
    }

    /// Sets a word to an address.
    pub(super) fn address<T: ?Sized>(mut self, word: usize, address: *const T) -> Words {
        self.0[word] = address.cast::<c_void>().cast_mut();
        self
    }

    /// Sets a word to a number.
    pub(super) fn number(mut self, word: usize, number: usize) -> Words {
        self.0[word] = ptr::without_provenance_mut(number);
        self
    }

    /// Sets a word to the address of items and the next one to their number.
    pub(super) fn list<T>(self, word: usize, items: &[T]) -> Words {
        self.address(word, items.as_ptr()).number(word + 1, items.len())
    }

    /// The address in a word.
    pub(super) fn pointer<T>(&self, word: usize) -> *mut T {
        self.0[word].cast()
    }

    /// The number in a word.
    pub(super) fn size(&self, word: usize) -> usize {
        self.0[word].addr()
    }

    /// The 32-bit number in the lower half of a word.
    pub(super) fn int(&self, word: usize) -> i32 {
        self.size(word) as i32
    }

    /// The struct as a C pointer.
    pub(super) fn as_mut_ptr(&mut self) -> *mut c_void {
        self.0.as_mut_ptr().cast()
    }
}

/// Codes of element types in the API.
pub(super) mod types {
    use dp_abi::ScalarType;

    /// The code of a type.
    pub fn code(number: ScalarType) -> i32 {
        match number {
            ScalarType::I1 => 1,
            ScalarType::I8 => 2,
            ScalarType::I16 => 3,
            ScalarType::I32 => 4,
            ScalarType::I64 | ScalarType::Index => 5,
            ScalarType::F16 => 10,
            ScalarType::F32 => 11,
            ScalarType::F64 => 12,
            ScalarType::BF16 => 13,
            ScalarType::Complex64 => 14,
            ScalarType::Complex128 => 15,
        }
    }

    /// The type of a code; never [`ScalarType::Index`], which devices do not have.
    pub fn number(given: i32) -> Option<ScalarType> {
        ScalarType::ALL.into_iter().filter(|number| *number != ScalarType::Index).find(|number| code(*number) == given)
    }
}
