//! From tokens to [`Text`].

use super::ParseError;
use super::cursor::Cursor;
use super::lexer::Token;
use super::syntax::{Function, Initial, Item, Operand, Statement, Text, Variable};
use crate::types::{Space, Ty};

type Parsed<T> = Result<T, ParseError>;

/// Reads a module.
pub fn parse(text: &str) -> Parsed<Text<'_>> {
    let mut parser = Cursor::new(text)?;
    let mut module = Text::default();
    while !parser.at_end() {
        parser.top(&mut module)?;
    }
    Ok(module)
}

impl<'t> Cursor<'t> {
    fn top(&mut self, module: &mut Text<'t>) -> Parsed<()> {
        let (mut external, line) = (false, self.line());
        loop {
            let word = self.dotted()?;
            match word {
                "version" => return self.version(module),
                "target" => {
                    module.target = self.word()?;
                    while self.eat(',') {
                        self.word()?;
                    }
                    return Ok(());
                }
                "address_size" => return self.address_size(),
                "file" => return self.skip_line(line),
                "section" => return self.skip_block(),
                "visible" | "weak" | "common" => {}
                "extern" => external = true,
                "entry" | "func" => {
                    let function = self.function(word == "entry", line)?;
                    // A function may be declared before it is defined.
                    match module.functions.iter_mut().find(|f| f.name == function.name) {
                        Some(known) if known.body.is_some() && function.body.is_some() => {
                            return self.fail(format!("'{}' is defined twice", function.name));
                        }
                        Some(known) if function.body.is_some() => *known = function,
                        Some(_) => {}
                        None => module.functions.push(function),
                    }
                    return Ok(());
                }
                _ => match Space::named(word) {
                    Some(space) => return self.variables(space, external, line, &mut module.variables),
                    None => return self.fail(format!("unknown directive '.{word}'")),
                },
            }
        }
    }

    fn version(&mut self, module: &mut Text<'t>) -> Parsed<()> {
        match self.next()? {
            Token::Float(bits, 64) => {
                let text = format!("{:?}", f64::from_bits(bits));
                let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
                module.version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
                Ok(())
            }
            other => self.fail(format!("a version was expected, not {other:?}")),
        }
    }

    fn address_size(&mut self) -> Parsed<()> {
        if self.int()? == 64 { Ok(()) } else { self.fail("addresses of 64 bits only") }
    }

    fn function(&mut self, entry: bool, line: u32) -> Parsed<Function<'t>> {
        let results = if self.peek() == Some(Token::Sign('(')) { self.parameters()? } else { Vec::new() };
        let name = self.word()?;
        let parameters = if self.peek() == Some(Token::Sign('(')) { self.parameters()? } else { Vec::new() };
        let mut function = Function { line, name, entry, results, parameters, threads: None, body: None };
        loop {
            match self.next()? {
                Token::Sign(';') => return Ok(function),
                Token::Sign('{') => {
                    function.body = Some(self.body()?);
                    return Ok(function);
                }
                Token::Dotted(word @ ("maxntid" | "reqntid")) => {
                    let mut extents = [1; 3];
                    for (n, extent) in extents.iter_mut().enumerate() {
                        if n == 0 || self.eat(',') {
                            *extent = self.int()? as u32;
                        }
                    }
                    function.threads = Some((word == "reqntid", extents));
                }
                Token::Dotted("minnctapersm" | "maxnreg") => _ = self.int()?,
                Token::Dotted("noreturn") => {}
                Token::Dotted("pragma") => self.skip_to(';')?,
                other => return self.fail(format!("unexpected {other:?} in the head of '{name}'")),
            }
        }
    }

    fn parameters(&mut self) -> Parsed<Vec<Variable<'t>>> {
        self.expect('(')?;
        let mut out = Vec::new();
        while !self.eat(')') {
            let line = self.line();
            if self.dotted()? != "param" {
                return self.fail("'.param' was expected");
            }
            out.push(self.variable(Space::Param, false, line)?);
            self.eat(',');
        }
        Ok(out)
    }

    /// The variables of one declaration, after its space.
    fn variables(&mut self, space: Space, external: bool, line: u32, out: &mut Vec<Variable<'t>>) -> Parsed<()> {
        out.push(self.variable(space, external, line)?);
        self.expect(';')
    }

    fn variable(&mut self, space: Space, external: bool, line: u32) -> Parsed<Variable<'t>> {
        let (mut align, mut ty, mut lanes) = (0, None, 1);
        while let Some(Token::Dotted(word)) = self.peek() {
            self.advance();
            match word {
                "align" if ty.is_none() => align = self.int()?,
                // What a pointer points to, which binds nobody.
                "ptr" => {
                    while let Some(Token::Dotted(_) | Token::Int(_)) = self.peek() {
                        self.advance();
                    }
                }
                "v2" => lanes = 2,
                "v4" => lanes = 4,
                _ => match Ty::named(word) {
                    Some(named) => ty = Some(named),
                    None => return self.fail(format!("unknown type '.{word}'")),
                },
            }
        }
        let Some(ty) = ty else { return self.fail("a type was expected") };
        let name = self.word()?;
        let mut bytes = u64::from(ty.bytes() * lanes);
        let mut open = false;
        while self.eat('[') {
            if self.eat(']') {
                open = true;
            } else {
                bytes = bytes.saturating_mul(self.int()?);
                self.expect(']')?;
            }
        }
        let align = if align == 0 { u64::from(ty.bytes() * lanes) } else { align };
        if !align.is_power_of_two() {
            return self.fail(format!("an alignment of {align} bytes"));
        }
        let initial = if self.eat('=') { Some(self.initializer()?) } else { None };
        if open {
            bytes = initial.as_ref().map_or(0, |all| all.len() as u64 * u64::from(ty.bytes()));
        }
        Ok(Variable { line, space, name, ty, bytes, align, external, initial })
    }

    fn initializer(&mut self) -> Parsed<Vec<Initial<'t>>> {
        let mut out = Vec::new();
        if self.eat('{') {
            while !self.eat('}') {
                out.append(&mut self.initializer()?);
                self.eat(',');
            }
            return Ok(out);
        }
        let negative = self.eat('-');
        out.push(match self.next()? {
            Token::Int(mask) if self.eat('(') => {
                let name = self.next()?;
                let (name, offset) = self.address(name)?;
                self.expect(')')?;
                let shift = mask.trailing_zeros();
                if mask == 0 || mask >> shift != 0xff {
                    return self.fail(format!("{mask:#x} masks no byte"));
                }
                Initial::AddressByte(name, offset, shift)
            }
            Token::Int(n) => Initial::Number(if negative { n.wrapping_neg() } else { n }, 0),
            Token::Float(bits, width) => Initial::Number(bits ^ (u64::from(negative) << (width - 1)), width),
            name => {
                let (name, offset) = self.address(name)?;
                Initial::Address(name, offset)
            }
        });
        Ok(out)
    }

    /// `generic(name) + offset`, or without `generic`.
    fn address(&mut self, first: Token<'t>) -> Parsed<(&'t str, i64)> {
        let name = match first {
            Token::Word("generic") => {
                self.expect('(')?;
                let name = self.word()?;
                self.expect(')')?;
                name
            }
            Token::Word(name) => name,
            other => return self.fail(format!("unexpected {other:?} in an initializer")),
        };
        Ok((name, self.offset()?))
    }

    /// `+ n`, `- n` or nothing.
    fn offset(&mut self) -> Parsed<i64> {
        if self.eat('+') {
            let negative = self.eat('-');
            let n = self.int()? as i64;
            Ok(if negative { n.wrapping_neg() } else { n })
        } else if self.eat('-') {
            Ok((self.int()? as i64).wrapping_neg())
        } else {
            Ok(0)
        }
    }

    fn body(&mut self) -> Parsed<Vec<Item<'t>>> {
        let (mut out, mut depth) = (Vec::new(), 0);
        loop {
            let line = self.line();
            match self.next()? {
                Token::Sign('{') => {
                    depth += 1;
                    out.push(Item::Open);
                }
                Token::Sign('}') if depth == 0 => return Ok(out),
                Token::Sign('}') => {
                    depth -= 1;
                    out.push(Item::Close);
                }
                Token::Sign(';') => {}
                Token::Sign('@') => {
                    let negated = self.eat('!');
                    let guard = Some((self.word()?, negated));
                    let opcode = self.word()?;
                    out.push(Item::Statement(self.statement(line, guard, opcode)?));
                }
                Token::Word(word) if self.eat(':') => self.labelled(word, line, &mut out)?,
                Token::Word(word) => out.push(Item::Statement(self.statement(line, None, word)?)),
                Token::Dotted("reg") => self.registers(&mut out)?,
                Token::Dotted("loc") => self.skip_line(line)?,
                Token::Dotted("pragma") => self.skip_to(';')?,
                Token::Dotted(word) => match Space::named(word) {
                    Some(space) => {
                        out.push(Item::Variable(self.variable(space, false, line)?));
                        self.expect(';')?;
                    }
                    None => return self.fail(format!("unknown directive '.{word}'")),
                },
                other => return self.fail(format!("unexpected {other:?}")),
            }
        }
    }

    fn labelled(&mut self, label: &'t str, line: u32, out: &mut Vec<Item<'t>>) -> Parsed<()> {
        match self.peek() {
            Some(Token::Dotted("branchtargets")) => {
                self.advance();
                let mut targets = vec![self.word()?];
                while self.eat(',') {
                    targets.push(self.word()?);
                }
                self.expect(';')?;
                out.push(Item::Targets(label, targets));
            }
            // Who is called by address is checked when it is called.
            Some(Token::Dotted("callprototype")) => self.skip_to(';')?,
            _ => out.push(Item::Label(label, line)),
        }
        Ok(())
    }

    fn registers(&mut self, out: &mut Vec<Item<'t>>) -> Parsed<()> {
        let word = self.dotted()?;
        let Some(ty) = Ty::named(word) else { return self.fail(format!("registers of type '.{word}'")) };
        loop {
            let name = self.word()?;
            let count = if self.eat('<') {
                let count = self.int()? as u32;
                self.expect('>')?;
                Some(count)
            } else {
                None
            };
            out.push(Item::Registers(ty, name, count));
            if !self.eat(',') {
                return self.expect(';');
            }
        }
    }

    fn statement(&mut self, line: u32, guard: Option<(&'t str, bool)>, opcode: &'t str) -> Parsed<Statement<'t>> {
        let mut modifiers = Vec::new();
        while let Some(Token::Dotted(word)) = self.peek() {
            self.advance();
            modifiers.push(word);
        }
        let mut operands = Vec::new();
        while !self.eat(';') {
            operands.push(self.operand()?);
            if self.peek() != Some(Token::Sign(';')) {
                self.expect(',')?;
            }
        }
        Ok(Statement { line, guard, opcode, modifiers, operands })
    }

    fn operand(&mut self) -> Parsed<Operand<'t>> {
        let first = match self.next()? {
            Token::Sign('!') => Operand::Not(Box::new(self.operand()?)),
            Token::Sign('-') => match self.next()? {
                Token::Int(n) => Operand::Int(n.wrapping_neg()),
                Token::Float(bits, width) => Operand::Float(bits ^ (1 << (width - 1)), width),
                other => return self.fail(format!("unexpected {other:?} after a minus sign")),
            },
            Token::Sign('{') => Operand::Vector(self.operands('}')?),
            Token::Sign('(') => Operand::List(self.operands(')')?),
            Token::Sign('[') => {
                let base = self.operand()?;
                let (base, mut offset) = match base {
                    Operand::Sum(name, offset) => (Operand::Name(name, ""), offset),
                    base => (base, 0),
                };
                offset += self.offset()?;
                self.expect(']')?;
                Operand::Address(Box::new(base), offset)
            }
            Token::Int(n) => Operand::Int(n),
            Token::Float(bits, width) => Operand::Float(bits, width),
            Token::Word(name) => match self.peek() {
                Some(Token::Dotted(rest)) => {
                    self.advance();
                    Operand::Name(name, rest)
                }
                Some(Token::Sign('+' | '-')) => Operand::Sum(name, self.offset()?),
                _ => Operand::Name(name, ""),
            },
            other => return self.fail(format!("unexpected {other:?} as an operand")),
        };
        if self.eat('|') { Ok(Operand::Pair(Box::new(first), Box::new(self.operand()?))) } else { Ok(first) }
    }

    fn operands(&mut self, end: char) -> Parsed<Vec<Operand<'t>>> {
        let mut out = Vec::new();
        while !self.eat(end) {
            out.push(self.operand()?);
            if self.peek() != Some(Token::Sign(end)) {
                self.expect(',')?;
            }
        }
        Ok(out)
    }
}
