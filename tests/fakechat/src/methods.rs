//! The methods: what each does to the world, and what it answers.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};

use crate::check::{self, Fields, Refusal, bad, refused};
use crate::file;
use crate::world::{Message, SaidWhat, World};

type Answer = Result<Value, Refusal>;
/// Files of a form, by field.
pub(crate) type Uploads = BTreeMap<String, Vec<u8>>;

/// The chat a call is about.
pub(crate) fn chat_of(fields: &Fields) -> Option<i64> {
    fields.number("chat_id")
}

/// Does what a call asks for.
pub(crate) fn call(world: &mut World, method: &str, fields: &Fields, uploads: Uploads) -> Answer {
    match method {
        "getme" => Ok(world.bot_json()),
        "deletewebhook" | "close" | "logout" => Ok(json!(true)),
        "getwebhookinfo" => Ok(
            json!({"url": "", "has_custom_certificate": false, "pending_update_count": world.updates.len()}),
        ),
        "setmycommands" => set_commands(world, fields),
        "deletemycommands" => {
            let key = commands_key(fields);
            world.commands.remove(&key);
            Ok(json!(true))
        }
        "sendmessage" => send_message(world, fields),
        "sendphoto" => send_file(world, fields, uploads, "photo"),
        "senddocument" => send_file(world, fields, uploads, "document"),
        "sendchataction" => writable(world, fields.chat()?).map(|()| json!(true)),
        "editmessagetext" => edit_text(world, fields),
        "editmessagereplymarkup" => edit_buttons(world, fields),
        "deletemessage" => {
            let key = (fields.chat()?, fields.message()?);
            world
                .messages
                .remove(&key)
                .map(|_| json!(true))
                .ok_or_else(|| bad("message to delete not found"))
        }
        "pinchatmessage" => pin(world, fields),
        "answercallbackquery" => answer_press(world, fields),
        "getfile" => get_file(world, fields),
        other => {
            world
                .wrong
                .push(format!("there is no method `{other}` here"));
            Err(refused(404, "Not Found"))
        }
    }
}

/// Whether the bot may write to a chat.
fn writable(world: &World, chat: i64) -> Result<(), Refusal> {
    if let Some(person) = world.people.get(&chat) {
        return match (person.blocked, person.started) {
            (true, _) => Err(refused(403, "Forbidden: bot was blocked by the user")),
            (false, false) => Err(refused(
                403,
                "Forbidden: bot can't initiate conversation with a user",
            )),
            (false, true) => Ok(()),
        };
    }
    match world.groups.get(&chat) {
        Some(group) if group.removed => Err(refused(
            403,
            "Forbidden: bot was kicked from the supergroup chat",
        )),
        Some(group) => match group.moved_to {
            Some(moved) => Err(Refusal {
                migrate_to: Some(moved),
                ..bad("group chat was upgraded to a supergroup chat")
            }),
            None => Ok(()),
        },
        None => Err(bad("chat not found")),
    }
}

/// Counts a message against the limits, where they are enforced.
fn within_limits(world: &mut World, chat: i64) -> Result<(), Refusal> {
    let Some(limits) = world.limits else {
        return Ok(());
    };
    world
        .sent
        .count(&limits, chat, Instant::now())
        .map_err(too_many)
}

fn too_many(wait: u64) -> Refusal {
    Refusal {
        retry_after: Some(wait),
        ..refused(429, format!("Too Many Requests: retry after {wait}"))
    }
}

fn send_message(world: &mut World, fields: &Fields) -> Answer {
    let chat = fields.chat()?;
    let text = check::text(fields, "text", 4_096)?;
    let buttons = check::buttons(fields)?;
    writable(world, chat)?;
    within_limits(world, chat)?;
    let id = world.message_number();
    let message = Message {
        id,
        chat,
        by_bot: true,
        text: text.clone(),
        raw: fields.text("text").to_owned(),
        buttons: buttons.clone(),
        picture: None,
    };
    let answer = world.message_json(&message);
    world.messages.insert((chat, id), message);
    world.note(
        chat,
        SaidWhat::Message,
        id,
        &text,
        &buttons,
        fields.yes("disable_notification"),
    );
    Ok(answer)
}

fn send_file(world: &mut World, fields: &Fields, mut uploads: Uploads, field: &str) -> Answer {
    let chat = fields.chat()?;
    let bytes = uploads
        .remove(field)
        .ok_or_else(|| bad(format!("there is no {field} in the request")))?;
    let most = if field == "photo" { 10 } else { 50 } * 1024 * 1024;
    if bytes.is_empty() || bytes.len() > most {
        return Err(bad(format!(
            "file of size {} bytes is empty or too big for a {field}",
            bytes.len()
        )));
    }
    if !fields.text("caption").is_empty() {
        check::text(fields, "caption", 1_024)?;
    }
    writable(world, chat)?;
    within_limits(world, chat)?;
    let id = world.message_number();
    let caption = fields.text("caption").to_owned();
    let message = Message {
        id,
        chat,
        by_bot: true,
        text: caption.clone(),
        raw: caption.clone(),
        buttons: Vec::new(),
        picture: Some(bytes),
    };
    let mut answer = world.message_json(&message);
    answer["photo"] =
        json!([{"file_id": "sent", "file_unique_id": "sent", "width": 1, "height": 1}]);
    world.messages.insert((chat, id), message);
    world.note(
        chat,
        SaidWhat::Picture,
        id,
        &caption,
        &[],
        fields.yes("disable_notification"),
    );
    Ok(answer)
}

fn edited(
    world: &mut World,
    chat: i64,
    id: i32,
    text: Option<(String, String)>,
    buttons: Vec<Vec<(String, String)>>,
) -> Answer {
    writable(world, chat)?;
    if let Some(limits) = world.limits {
        world
            .sent
            .count_edit(&limits, Instant::now())
            .map_err(too_many)?;
    }
    let message = world
        .messages
        .get_mut(&(chat, id))
        .ok_or_else(|| bad("message to edit not found"))?;
    if !message.by_bot {
        return Err(bad("message can't be edited"));
    }
    let same =
        text.as_ref().is_none_or(|(_, raw)| *raw == message.raw) && buttons == message.buttons;
    if same {
        return Err(bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
        ));
    }
    if let Some((plain, raw)) = text {
        (message.text, message.raw) = (plain, raw);
    }
    message.buttons.clone_from(&buttons);
    let message = message.clone();
    world.note(chat, SaidWhat::Edit, id, &message.text, &buttons, true);
    Ok(world.message_json(&message))
}

fn edit_text(world: &mut World, fields: &Fields) -> Answer {
    let (chat, id) = (fields.chat()?, fields.message()?);
    let text = check::text(fields, "text", 4_096)?;
    edited(
        world,
        chat,
        id,
        Some((text, fields.text("text").to_owned())),
        check::buttons(fields)?,
    )
}

fn edit_buttons(world: &mut World, fields: &Fields) -> Answer {
    let answer = edited(
        world,
        fields.chat()?,
        fields.message()?,
        None,
        check::buttons(fields)?,
    )?;
    // Buttons that went say nothing a person must read.
    if let Some(last) = world.said.last_mut().filter(|last| last.buttons.is_empty()) {
        last.expected = true;
    }
    Ok(answer)
}

fn pin(world: &mut World, fields: &Fields) -> Answer {
    let (chat, id) = (fields.chat()?, fields.message()?);
    writable(world, chat)?;
    if !world.messages.contains_key(&(chat, id)) {
        return Err(bad("message to pin not found"));
    }
    world.pinned.insert(chat, id);
    Ok(json!(true))
}

fn answer_press(world: &mut World, fields: &Fields) -> Answer {
    let text = fields.text("text").to_owned();
    if text.chars().count() > 200 {
        return Err(bad("MESSAGE_TOO_LONG"));
    }
    let too_old = || bad("query is too old and response timeout expired or query ID is invalid");
    let query = world
        .queries
        .get_mut(fields.text("callback_query_id"))
        .filter(|query| query.answered.is_none())
        .ok_or_else(too_old)?;
    query.answered = Some((text.clone(), Instant::now()));
    let person = query.person;
    world.note(person, SaidWhat::Toast, 0, &text, &[], true);
    if let Some(last) = world.said.last_mut().filter(|last| last.text.is_empty()) {
        last.expected = true;
    }
    Ok(json!(true))
}

fn get_file(world: &World, fields: &Fields) -> Answer {
    let id = fields.text("file_id");
    let found = world
        .files
        .by_id(id)
        .ok_or_else(|| bad("wrong file_id or the file is temporarily unavailable"))?;
    if found.size > file::MAX {
        return Err(bad("file is too big"));
    }
    Ok(
        json!({"file_id": id, "file_unique_id": id, "file_size": found.size, "file_path": found.path}),
    )
}

fn commands_key(fields: &Fields) -> (String, String) {
    let scope = fields
        .nested("scope")
        .unwrap_or_else(|| json!({"type": "default"}));
    let kind = scope
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let chat = scope
        .get("chat_id")
        .map(Value::to_string)
        .unwrap_or_default();
    (
        if chat.is_empty() {
            kind.to_owned()
        } else {
            format!("{kind} {chat}")
        },
        fields.text("language_code").to_owned(),
    )
}

fn set_commands(world: &mut World, fields: &Fields) -> Answer {
    let key = commands_key(fields);
    let list = fields
        .nested("commands")
        .and_then(|list| list.as_array().cloned())
        .ok_or_else(|| bad("parameter \"commands\" is required"))?;
    if list.len() > 100 {
        return Err(bad("BOT_COMMANDS_TOO_MUCH"));
    }
    let mut commands = Vec::new();
    for one in &list {
        let of = |name: &str| {
            one.get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (command, description) = (of("command"), of("description"));
        let named = (1..=32).contains(&command.len())
            && command
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !named {
            return Err(bad("BOT_COMMAND_INVALID"));
        }
        if !(1..=256).contains(&description.chars().count()) {
            return Err(bad("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
        commands.push((command, description));
    }
    world.commands.insert(key, commands);
    Ok(json!(true))
}
