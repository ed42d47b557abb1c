//! Valid names in C and C++.

use std::collections::HashSet;

use thiserror::Error;

use crate::diagnostic_code::DiagnosticCode;
use crate::help::Help;
use crate::model::{Extent, Function, Library, ResultExtent};

/// An error in the C interface of a library.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// A name is not a valid identifier in both languages.
    #[error(
        "`{name}` is not a valid C name: it must start with a letter, followed by letters, digits and single \
         underscores"
    )]
    NotAnIdentifier {
        /// The name.
        name: String,
    },
    /// A name is a keyword, or a macro of a compiler.
    #[error("`{name}` is a keyword of C or C++")]
    Keyword {
        /// The name.
        name: String,
    },
    /// A name is that of a C library function.
    #[error("`{name}` is a C library function, which it would replace in the whole program")]
    LibraryFunction {
        /// The name.
        name: String,
    },
    /// A name is used twice.
    #[error("the name `{name}` is used twice in {place}")]
    Twice {
        /// The name.
        name: String,
        /// The function, or the library.
        place: String,
    },
    /// The two functions of a pullback do not agree on what the handle holds.
    #[error("`{function}` is a function of a pullback without a matching partner")]
    Pullback {
        /// The function.
        function: String,
    },
    /// A result refers to an extent that no argument has.
    #[error("an extent of `{result}` in `{function}` refers to an extent that the caller does not pass")]
    NoSuchExtent {
        /// The function.
        function: String,
        /// The result.
        result: String,
    },
}

impl Help for NameError {
    fn code(&self) -> DiagnosticCode {
        DiagnosticCode::Invalid
    }

    fn help(&self) -> Option<String> {
        match self {
            NameError::NotAnIdentifier { .. } => Some("choose another name".into()),
            NameError::Keyword { .. } | NameError::LibraryFunction { .. } => Some("choose another name".into()),
            NameError::Twice { .. } => Some("rename one of them".into()),
            NameError::Pullback { .. } | NameError::NoSuchExtent { .. } => None,
        }
    }
}

/// Whether a name is valid for a parameter: an identifier in both languages that is not a keyword and not reserved. (A
/// double underscore is reserved in C++, and marks our own symbols.)
pub fn check_name(name: &str) -> Result<(), NameError> {
    let form = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.contains("__");
    if !form {
        return Err(NameError::NotAnIdentifier { name: name.into() });
    }
    if contains(KEYWORDS, name) {
        return Err(NameError::Keyword { name: name.into() });
    }
    Ok(())
}

/// Whether a name is valid for a function, which shares its namespace with the whole program.
pub fn check_function_name(name: &str) -> Result<(), NameError> {
    check_name(name)?;
    // The functions of <math.h> and <complex.h> also exist for float and long double.
    let base = name.strip_suffix(['f', 'l']).unwrap_or(name);
    if contains(LIBRARY, name) || contains(MATHEMATICS, name) || contains(MATHEMATICS, base) {
        return Err(NameError::LibraryFunction { name: name.into() });
    }
    Ok(())
}

/// Checks all names of a library, and the extents that its results refer to.
pub(crate) fn check_library(library: &Library) -> Result<(), NameError> {
    check_name(library.name())?;
    let mut symbols = HashSet::from([library.message_symbol(), library.free_symbol()]);
    for function in library.functions() {
        check_function_name(&function.name)?;
        for symbol in std::iter::once(function.name.clone()).chain(function.drop_symbol()) {
            if !symbols.insert(symbol.clone()) {
                return Err(NameError::Twice { name: symbol, place: format!("lib{}.so", library.name()) });
            }
        }
        if !library.agrees(function) {
            return Err(NameError::Pullback { function: function.name.clone() });
        }
        check_parameters(function)?;
    }
    Ok(())
}

fn check_parameters(function: &Function) -> Result<(), NameError> {
    let mut names = HashSet::new();
    for parameter in function.all_parameters().into_iter().chain(function.handle()) {
        check_name(&parameter.name)?;
        if !names.insert(parameter.name.clone()) {
            return Err(NameError::Twice { name: parameter.name, place: format!("`{}`", function.name) });
        }
    }
    for result in &function.results {
        for extent in result.shape.iter().flatten() {
            if let ResultExtent::OfArgument { argument, dimension } = *extent {
                let shape = function.arguments.get(argument).and_then(|argument| argument.shape.as_ref());
                if shape.and_then(|shape| shape.get(dimension)) != Some(&Extent::Dynamic) {
                    return Err(NameError::NoSuchExtent {
                        function: function.name.clone(),
                        result: result.name.clone(),
                    });
                }
            }
        }
    }
    Ok(())
}

fn contains(words: &str, name: &str) -> bool {
    words.split_ascii_whitespace().any(|word| word == name)
}

/// Keywords of C23 and C++23, and the lower-case macros that compilers or
/// standard headers define.
const KEYWORDS: &str = "
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class
    co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype default
    delete do double dynamic_cast else enum explicit export extern false float for friend fortran goto if inline int
    long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register
    reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct switch
    template this thread_local throw true try typedef typeid typename typeof typeof_unqual union unsigned using virtual
    void volatile wchar_t while xor xor_eq
    assert complex errno i386 imaginary int8_t int16_t int32_t int64_t intmax_t intptr_t linux offsetof ptrdiff_t
    size_t stderr stdin stdout uint8_t uint16_t uint32_t uint64_t uintmax_t uintptr_t unix
    EOF I INFINITY NAN NDEBUG NULL
";

/// The functions of <math.h> and <complex.h>, without type suffixes.
const MATHEMATICS: &str = "
    acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 exp10 expm1 fabs fdim floor
    fma fmax fmin fmod frexp gamma hypot ilogb j0 j1 jn ldexp lgamma llrint llround log log10 log1p log2 logb lrint
    lround modf nan nearbyint nextafter nexttoward pow remainder remquo rint round scalb scalbln scalbn significand
    sin sincos sinh sqrt tan tanh tgamma trunc y0 y1 yn drem finite isinf isnan
    cabs cacos cacosh carg casin casinh catan catanh ccos ccosh cexp cimag clog conj cpow cproj creal csin csinh csqrt
    ctan ctanh
";

/// Other functions of the C library and of POSIX that programs and the library call.
const LIBRARY: &str = "
    abort abs accept access alarm aligned_alloc alloca asctime atexit atof atoi atol atoll bcmp bcopy bind brk bsearch
    btowc bzero calloc chdir chmod chown clearerr clock close connect creat ctime difftime div dlclose dlerror dlopen
    dlsym dprintf dup dup2 error execv exit fclose fcntl fdopen feof ferror fflush ffs fgetc fgetpos fgets fileno fopen
    fork fprintf fputc fputs fread free freopen fscanf fseek fsetpos fstat ftell fwrite getc getchar getcwd getenv
    getopt getpid gets gmtime htonl htons index ioctl isalnum isalpha isatty isblank iscntrl isdigit isgraph islower
    isprint ispunct isspace isupper isxdigit kill labs ldiv link listen llabs lldiv localeconv localtime longjmp lseek
    main malloc mblen mbstowcs mbtowc memalign memchr memcmp memcpy memmove mempcpy memset mkdir mktime mmap mprotect
    munmap nanosleep nice ntohl ntohs open pause perror pipe poll posix_memalign printf putc putchar putenv puts qsort
    raise rand random read realloc recv remove rename rewind rindex rmdir sbrk scanf select send setbuf setenv
    setjmp setlocale setvbuf sigaction signal sleep snprintf socket sprintf srand srandom sscanf stat stpcpy strcasecmp
    strcat strchr strcmp strcoll strcpy strcspn strdup strerror strftime strlen strncat strncmp strncpy strndup strnlen
    strpbrk strrchr strspn strstr strtod strtof strtok strtol strtold strtoll strtoul strtoull strxfrm symlink sync
    syscall sysconf system tee time times tmpfile tmpnam tolower toupper truncate umask uname ungetc unlink unsetenv
    usleep utime va_arg vfork vfprintf vprintf vsnprintf vsprintf wait waitpid warn write
";
