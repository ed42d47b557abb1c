//! The syntax of rules: infix expressions, parsed into [`Expr`].
//!
//! ```text
//! comparison := sum (("==" | "!=" | "<=" | ">=" | "<" | ">") sum)?
//! sum        := product (("+" | "-") product)*
//! product    := factor (("*" | "/") factor)*
//! factor     := "-" factor | number | name | name "(" comparison, … ")" | "(" comparison ")"
//! ```
//!
//! A name before a parenthesis is the mnemonic of a `scalar` operation; other names are variables.

use crate::expr::Expr;
use dp_dialects::attributes::Predicate;
use dp_dialects::{OpKind, Parameters};

/// A syntax error in the text of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The position, in bytes.
    pub at: usize,
    /// The expected token.
    pub expected: &'static str,
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "expected {} at byte {}", self.expected, self.at)
    }
}

/// Parses an expression.
///
/// # Errors
/// If the text is not an expression.
pub fn parse(text: &str) -> Result<Expr, SyntaxError> {
    let mut parser = Parser { text, at: 0 };
    let expr = parser.comparison()?;
    match parser.peek() {
        None => Ok(expr),
        Some(_) => Err(parser.expected("the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn expected(&self, expected: &'static str) -> SyntaxError {
        SyntaxError { at: self.at, expected }
    }

    fn peek(&mut self) -> Option<char> {
        self.at += self.text[self.at..].len() - self.text[self.at..].trim_start().len();
        self.text[self.at..].chars().next()
    }

    fn accept(&mut self, token: &str) -> bool {
        self.peek();
        let found = self.text[self.at..].starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn word(&mut self, belongs: impl Fn(char) -> bool) -> &str {
        let rest = &self.text[self.at..];
        let length = rest.find(|letter| !belongs(letter)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn comparison(&mut self) -> Result<Expr, SyntaxError> {
        use Predicate::*;
        let left = self.sum()?;
        for (token, predicate) in [("==", Eq), ("!=", Ne), ("<=", Le), (">=", Ge), ("<", Lt), (">", Gt)] {
            if self.accept(token) {
                return Ok(Expr::compare(predicate, left, self.sum()?));
            }
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Expr, SyntaxError> {
        let mut left = self.product()?;
        loop {
            let kind = match self.peek() {
                Some('+') => OpKind::ScalarAdd,
                Some('-') => OpKind::ScalarSub,
                _ => return Ok(left),
            };
            self.at += 1;
            left = Expr::apply(kind, vec![left, self.product()?]);
        }
    }

    fn product(&mut self) -> Result<Expr, SyntaxError> {
        let mut left = self.factor()?;
        loop {
            let kind = match self.peek() {
                Some('*') => OpKind::ScalarMul,
                Some('/') => OpKind::ScalarDiv,
                _ => return Ok(left),
            };
            self.at += 1;
            left = Expr::apply(kind, vec![left, self.factor()?]);
        }
    }

    fn factor(&mut self) -> Result<Expr, SyntaxError> {
        match self.peek() {
            Some('-') => {
                self.at += 1;
                let negated = self.factor()?;
                Ok(match negated {
                    Expr::Number(value) => Expr::Number(-value),
                    other => Expr::apply(OpKind::ScalarNeg, vec![other]),
                })
            }
            Some('(') => {
                self.at += 1;
                let inner = self.comparison()?;
                if self.accept(")") { Ok(inner) } else { Err(self.expected("')'")) }
            }
            Some(digit) if digit.is_ascii_digit() => {
                let start = self.at;
                let number = self.word(|letter| letter.is_ascii_digit() || letter == '.').parse();
                number.map(Expr::Number).map_err(|_| SyntaxError { at: start, expected: "a number" })
            }
            Some(letter) if letter.is_alphabetic() => self.name(),
            _ => Err(self.expected("an expression")),
        }
    }

    fn name(&mut self) -> Result<Expr, SyntaxError> {
        let start = self.at;
        let name = self.word(|letter| letter.is_alphanumeric() || letter == '_').to_string();
        // `polygamma<n + 1>`: an order relative to the order `n` of the operation that the rule differentiates.
        let parameters = if self.accept("<n +") {
            self.peek();
            let order = self.word(|letter| letter.is_ascii_digit()).parse().map_err(|_| self.expected("an order"))?;
            if !self.accept(">") {
                return Err(self.expected("'>'"));
            }
            Parameters::Order(order)
        } else {
            Parameters::None
        };
        if !self.accept("(") {
            return Ok(Expr::Variable(name));
        }
        let Some(kind) = OpKind::from_name(&format!("scalar.{name}")) else {
            return Err(SyntaxError { at: start, expected: "the name of a scalar operation" });
        };
        let mut arguments = Vec::new();
        loop {
            arguments.push(self.comparison()?);
            if !self.accept(",") {
                break;
            }
        }
        if !self.accept(")") {
            return Err(self.expected("')'"));
        }
        Ok(Expr::Apply { kind, parameters, arguments })
    }
}
