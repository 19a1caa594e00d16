//! How much a command holds, without writing it out: the characters of its texts and a little for everything else.
//!
//! It grows with the content as the encoded command does and costs a walk over the fields. Used to bound what
//! waits before a keeper; it does not know what a command is.

use std::fmt::{self, Display, Write};

use serde::ser::{self, Serialize};

/// The weight of a name, a number or a separator.
const LITTLE: usize = 16;

/// About the encoded length of a value.
pub(super) fn weight<T: Serialize + ?Sized>(value: &T) -> usize {
    let mut scale = Scale(0);
    // A value that cannot be weighed cannot be encoded either, and is refused where it is.
    drop(value.serialize(&mut scale));
    scale.0
}

/// Adds up.
struct Scale(usize);

/// Nothing ever goes wrong on a scale but what the value itself says.
#[derive(Debug)]
struct Unweighable;

impl Display for Unweighable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value could not be weighed")
    }
}

impl std::error::Error for Unweighable {}

impl ser::Error for Unweighable {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl Write for Scale {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

type Weighed = Result<(), Unweighable>;

macro_rules! little {
    ($($name:ident: $kind:ty),* $(,)?) => {
        $(fn $name(self, _: $kind) -> Weighed {
            self.0 += LITTLE;
            Ok(())
        })*
    };
}

impl ser::Serializer for &mut Scale {
    type Ok = ();
    type Error = Unweighable;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    little!(
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_f32: f32,
        serialize_f64: f64, serialize_char: char, serialize_unit_struct: &'static str,
    );

    fn serialize_str(self, text: &str) -> Weighed {
        self.0 += text.len() + LITTLE;
        Ok(())
    }
    fn serialize_bytes(self, bytes: &[u8]) -> Weighed {
        self.0 += bytes.len() + LITTLE;
        Ok(())
    }
    fn collect_str<T: Display + ?Sized>(self, text: &T) -> Weighed {
        self.0 += LITTLE;
        write!(self, "{text}").map_err(|_| Unweighable)
    }
    fn serialize_none(self) -> Weighed {
        self.serialize_unit()
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Weighed {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Weighed {
        self.0 += LITTLE;
        Ok(())
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Weighed {
        self.serialize_unit()
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Weighed {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Weighed {
        self.0 += LITTLE;
        value.serialize(self)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Unweighable> {
        Ok(self)
    }
    fn serialize_tuple(self, _: usize) -> Result<Self, Unweighable> {
        Ok(self)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Unweighable> {
        Ok(self)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Unweighable> {
        Ok(self)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Self, Unweighable> {
        Ok(self)
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Unweighable> {
        Ok(self)
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Unweighable> {
        Ok(self)
    }
}

macro_rules! parts {
    ($($part:ident $name:ident),* $(,)?) => {
        $(impl ser::$part for &mut Scale {
            type Ok = ();
            type Error = Unweighable;
            fn $name<T: Serialize + ?Sized>(&mut self, value: &T) -> Weighed {
                value.serialize(&mut **self)
            }
            fn end(self) -> Weighed {
                Ok(())
            }
        })*
    };
}

parts!(SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field);

macro_rules! fields {
    ($($part:ident),* $(,)?) => {
        $(impl ser::$part for &mut Scale {
            type Ok = ();
            type Error = Unweighable;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Weighed {
                value.serialize(&mut **self)
            }
            fn end(self) -> Weighed {
                Ok(())
            }
        })*
    };
}

fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for &mut Scale {
    type Ok = ();
    type Error = Unweighable;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Weighed {
        key.serialize(&mut **self)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Weighed {
        value.serialize(&mut **self)
    }
    fn end(self) -> Weighed {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use picket_schemas::{Command, schedule};

    use super::weight;

    fn command(reason: usize) -> Command {
        schedule::Command::Pause {
            code: "s".into(),
            reason: "x".repeat(reason),
        }
        .into()
    }

    #[test]
    fn a_command_weighs_about_what_it_takes_on_the_wire() {
        for reason in [0, 10, 1_000, 1_000_000] {
            let (weighed, written) = (
                weight(&command(reason)),
                serde_json::to_vec(&command(reason))
                    .expect("it is plain data")
                    .len(),
            );
            assert!(
                weighed.abs_diff(written) < 100,
                "{reason}: {weighed} for {written} bytes"
            );
        }
    }

    #[test]
    fn lists_and_fields_within_fields_count() {
        let rows =
            |count: usize| serde_json::json!({ "select": { "people": vec!["P-0001"; count] } });
        assert!(weight(&rows(10_000)) - weight(&rows(0)) >= 10_000 * "P-0001".len());
    }
}
