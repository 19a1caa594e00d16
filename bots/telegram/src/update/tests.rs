//! Tests of parsing updates: messages, presses, forwards and groups.

use serde_json::json;

use super::*;

fn private(rest: Value) -> Value {
    let mut message = json!({"message_id": 5, "date": 1_800_000_000, "from": {"id": 17, "is_bot": false, "first_name": "s", "language_code": "zh"}, "chat": {"id": 17, "type": "private", "first_name": "s"}});
    message
        .as_object_mut()
        .expect("an object")
        .extend(rest.as_object().expect("an object").clone());
    json!({"update_id": 9, "message": message})
}

fn body(raw: Value) -> UpdateBody {
    parse(number(&raw).expect("a number"), &raw).body
}

#[test]
fn words_photos_and_places_are_told_apart() {
    assert!(
        matches!(body(private(json!({"text": "hello"}))), UpdateBody::Private { content: Content::Text(text), .. } if text == "hello")
    );
    let photo = json!({"photo": [{"file_id": "s", "file_unique_id": "s", "width": 90, "height": 60, "file_size": 10}, {"file_id": "l", "file_unique_id": "l", "width": 900, "height": 600, "file_size": 100}], "caption": "door", "media_group_id": "a"});
    assert!(
        matches!(body(private(photo)), UpdateBody::Private { content: Content::File { file, album: Some(_), caption, .. }, .. } if file == "l" && caption == "door")
    );
    let place = body(private(
        json!({"location": {"latitude": 30.9, "longitude": 113.9, "horizontal_accuracy": 12.0}}),
    ));
    assert!(matches!(
        place,
        UpdateBody::Private {
            content: Content::Location {
                accuracy_m: Some(12.0),
                ..
            },
            ..
        }
    ));
    assert!(matches!(
        body(private(
            json!({"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3, "file_size": 10}})
        )),
        UpdateBody::Private {
            content: Content::Other,
            ..
        }
    ));
}

#[test]
fn what_was_passed_on_is_neither_an_instruction_nor_a_place_one_stands_at() {
    let origin = json!({"type": "hidden_user", "date": 1_700_000_000, "sender_user_name": "x"});
    assert!(matches!(
        body(private(
            json!({"text": "/accept T-1", "forward_origin": origin})
        )),
        UpdateBody::Private {
            content: Content::Forwarded,
            ..
        }
    ));
    assert!(matches!(
        body(private(
            json!({"location": {"latitude": 1.0, "longitude": 1.0}, "forward_origin": origin})
        )),
        UpdateBody::Private {
            content: Content::Forwarded,
            ..
        }
    ));
    let photo = json!([{"file_id": "l", "file_unique_id": "l", "width": 900, "height": 600, "file_size": 100}]);
    assert!(matches!(
        body(private(
            json!({"photo": photo, "caption": "/accept T-1", "forward_origin": origin})
        )),
        UpdateBody::Private {
            content: Content::Forwarded,
            ..
        }
    ));
    let file = json!({"file_id": "d", "file_unique_id": "d", "file_name": "door.jpg", "mime_type": "image/jpeg", "file_size": 100});
    assert!(matches!(
        body(private(json!({"document": file, "forward_origin": origin}))),
        UpdateBody::Private {
            content: Content::Forwarded,
            ..
        }
    ));
}

#[test]
fn an_update_that_cannot_be_read_keeps_its_number() {
    for raw in [
        json!({"update_id": 9, "something_new": {"x": 1}}),
        json!({"update_id": 9, "message": {"nonsense": true}}),
        json!({"update_id": 9}),
    ] {
        assert!(matches!(body(raw), UpdateBody::Ignored(_)));
    }
    assert_eq!(number(&json!({"update_id": "x"})), None);
}

#[test]
fn a_press_on_a_card_too_old_to_be_shown_is_read_all_the_same() {
    let raw = json!({"update_id": 9, "callback_query": {"id": "q", "from": {"id": 17, "is_bot": false, "first_name": "s"}, "chat_instance": "1", "data": "1:inbox::", "message": {"message_id": 5, "date": 0, "chat": {"id": 17, "type": "private"}}}});
    assert!(
        matches!(body(raw), UpdateBody::Callback { message: Some(5), chat: 17, group: false, data, .. } if data == "1:inbox::")
    );
}

#[test]
fn a_group_is_no_private_chat() {
    let raw = json!({"update_id": 9, "message": {"message_id": 5, "date": 1_800_000_000, "text": "/board", "from": {"id": 17, "is_bot": false, "first_name": "s"}, "chat": {"id": -100_500, "type": "supergroup", "title": "g"}}});
    assert!(matches!(
        body(raw),
        UpdateBody::Group { chat: -100_500, .. }
    ));
}

#[test]
fn that_somebody_came_or_left_is_no_word_of_theirs() {
    let who = json!({"id": 17, "is_bot": false, "first_name": "s"});
    let bot = json!({"id": 7, "is_bot": true, "first_name": "b", "username": "b_bot"});
    let (left, came) = (
        json!({"left_chat_member": who}),
        json!({"new_chat_members": [who]}),
    );
    for rest in [
        json!({"left_chat_member": bot}),
        left,
        came,
        json!({"new_chat_title": "h"}),
    ] {
        let chat = json!({"id": -100_500, "type": "supergroup", "title": "g"});
        let mut message =
            json!({"message_id": 5, "date": 1_800_000_000, "from": who, "chat": chat});
        message
            .as_object_mut()
            .expect("an object")
            .extend(rest.as_object().expect("an object").clone());
        assert_eq!(
            body(json!({"update_id": 9, "message": message})),
            UpdateBody::Ignored("a message about the chat itself"),
            "{rest}"
        );
    }
}
