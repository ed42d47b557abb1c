//! Tokens one after the other, and what is said where one does not fit.

use super::ParseError;
use super::lexer::{Located, Token, tokens};

type Parsed<T> = Result<T, ParseError>;

/// Where a parser stands.
pub(super) struct Cursor<'t> {
    tokens: Vec<Located<'t>>,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub fn new(text: &'t str) -> Parsed<Cursor<'t>> {
        Ok(Cursor { tokens: tokens(text)?, at: 0 })
    }

    pub fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub fn advance(&mut self) {
        self.at += 1;
    }

    pub fn line(&self) -> u32 {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |t| t.1)
    }

    pub fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).map(|t| t.0)
    }

    pub fn next(&mut self) -> Parsed<Token<'t>> {
        let Some(token) = self.peek() else { return self.fail("the text ends too early") };
        self.at += 1;
        Ok(token)
    }

    pub fn eat(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(Token::Sign(sign));
        self.at += usize::from(found);
        found
    }

    pub fn expect(&mut self, sign: char) -> Parsed<()> {
        if self.eat(sign) {
            return Ok(());
        }
        let found = self.peek();
        self.fail(format!("'{sign}' was expected, not {found:?}"))
    }

    pub fn word(&mut self) -> Parsed<&'t str> {
        match self.next()? {
            Token::Word(word) => Ok(word),
            other => self.fail(format!("a name was expected, not {other:?}")),
        }
    }

    pub fn dotted(&mut self) -> Parsed<&'t str> {
        match self.next()? {
            Token::Dotted(word) => Ok(word),
            other => self.fail(format!("a directive was expected, not {other:?}")),
        }
    }

    pub fn int(&mut self) -> Parsed<u64> {
        match self.next()? {
            Token::Int(n) => Ok(n),
            other => self.fail(format!("an integer was expected, not {other:?}")),
        }
    }

    pub fn skip_to(&mut self, sign: char) -> Parsed<()> {
        while self.next()? != Token::Sign(sign) {}
        Ok(())
    }

    pub fn skip_line(&mut self, line: u32) -> Parsed<()> {
        while self.at < self.tokens.len() && self.line() == line {
            self.at += 1;
        }
        Ok(())
    }

    pub fn skip_block(&mut self) -> Parsed<()> {
        self.skip_to('{')?;
        let mut depth = 1;
        while depth > 0 {
            match self.next()? {
                Token::Sign('{') => depth += 1,
                Token::Sign('}') => depth -= 1,
                _ => {}
            }
        }
        Ok(())
    }

    pub fn fail<T>(&self, message: impl Into<String>) -> Parsed<T> {
        let line = self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(1, |t| t.1);
        Err(ParseError::new(line, message))
    }
}
