//! The people of the story, each with a phone: what they press and write, and what they see then.
//!
//! It does not know the story.

use std::collections::BTreeMap;

use picket_fakechat::{FakeChat, Person, Said};

/// Somebody with a phone.
pub(crate) struct Phone(pub(crate) Person);

impl Phone {
    /// Presses a button and waits until its card shows these words.
    pub(crate) async fn press(&self, label: &str, shows: &str) -> Said {
        self.0.presses(label).await.answer().await;
        self.0.gets(shows).await
    }

    /// Presses a button that only answers.
    pub(crate) async fn hear(&self, label: &str, hears: &str) {
        self.0.presses(label).await.says(hears).await;
    }

    /// Presses a button, reads the answer to the press, and waits for what is shown.
    pub(crate) async fn press_hearing(&self, label: &str, hears: &str, shows: &str) -> Said {
        self.0.presses(label).await.says(hears).await;
        self.0.gets(shows).await
    }

    /// Writes, and waits until these words are shown.
    pub(crate) async fn write(&self, text: &str, shows: &str) -> Said {
        self.0.says(text);
        self.0.gets(shows).await
    }

    /// Waits for something new that holds these words.
    pub(crate) async fn gets(&self, words: &str) -> Said {
        self.0.gets(words).await
    }
}

/// Everybody with a phone, by the code of the roster.
pub(crate) struct Phones(BTreeMap<&'static str, Phone>);

impl Phones {
    /// Gives everybody a phone; the name each gave to the platform must turn up nowhere.
    pub(crate) fn hand_out(chat: &FakeChat, people: &[&'static str]) -> Self {
        let phone = |(n, code): (usize, &&'static str)| {
            (
                *code,
                Phone(chat.person(&format!("canary-name-{n}"), 7_001 + n as i64)),
            )
        };
        Self(people.iter().enumerate().map(phone).collect())
    }

    /// Somebody's phone.
    pub(crate) fn of(&self, code: &str) -> &Phone {
        self.0
            .get(code)
            .unwrap_or_else(|| panic!("{code} has no phone"))
    }
}

/// A small JPEG that says where it was taken.
pub(crate) fn photo(shade: u8) -> Vec<u8> {
    let mut plain = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(24, 16, image::Rgb([shade, 90, 90]))
        .write_to(&mut plain, image::ImageFormat::Jpeg)
        .expect("a picture");
    let plain = plain.into_inner();
    let camera = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\0\0\0\0\0GPS-CANARY";
    let length = u16::try_from(camera.len() + 2).expect("short");
    [
        &plain[..2],
        &[0xff, 0xe1],
        &length.to_be_bytes(),
        camera,
        &plain[2..],
    ]
    .concat()
}
