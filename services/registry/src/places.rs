//! Places: areas, departments, posts and institutions.
//!
//! Each is defined by code; defined again it is changed, and with the same content nothing happens.
//! Whoever defines something must act in the area where it is and in the one where it was.
//! It does not know people beyond the members of a post.

use picket_book::{Decision, fields};
use picket_schemas::registry::{Area, Command, Department, Event, Institution, Level, Post};
use picket_schemas::{AreaCode, InstitutionCode, PersonId, PlaceId, Refusal, SubjectKind};

use crate::known::DEPTH;
use crate::{ON_CARDS, Registry};

impl Registry {
    pub(crate) fn define_area(
        &self,
        command: &Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let Command::DefineArea {
            code,
            name,
            level,
            parent,
        } = command
        else {
            unreachable!("decide hands each command to its own verb")
        };
        let parent = parent.as_ref().filter(|parent| !parent.as_str().is_empty());
        let before = self.layer.areas.get(code);
        if let Some(parent) = parent {
            self.needs_area(parent, cx)?;
        }
        self.may(
            command.verb(),
            Some(if before.is_some() {
                code
            } else {
                parent.unwrap_or(code)
            }),
            cx,
        )?;
        fields::code("code", code.as_str())?;
        match parent {
            Some(parent) => {
                if before.is_some_and(|known| known.parent.as_ref() != Some(parent)) {
                    self.may(command.verb(), Some(parent), cx)?;
                }
                self.check_parent(code, *level, parent, cx)?;
            }
            None if self.root.as_ref().is_some_and(|root| root != code) => {
                return Err(fields::missing(
                    "parent",
                    "only the topmost area of a jurisdiction lies in no other",
                ));
            }
            None => {}
        }
        let area = Area {
            code: code.clone(),
            name: fields::name("name", name, ON_CARDS)?,
            level: *level,
            parent: parent.cloned(),
        };
        Ok(if before == Some(&area) {
            Vec::new()
        } else {
            vec![Event::AreaDefined { area }]
        })
    }

    /// An area lies in a larger one, and never within itself.
    fn check_parent(
        &self,
        code: &AreaCode,
        level: Level,
        parent: &AreaCode,
        cx: &Decision<'_>,
    ) -> Result<(), Refusal> {
        let mut around = Some(parent);
        for _ in 0..DEPTH {
            let Some(at) = around else { break };
            if at == code {
                return Err(fields::invalid(
                    "parent",
                    format!("{code} would lie within itself"),
                ));
            }
            around = self.area(at, cx).and_then(|area| area.parent.as_ref());
        }
        if around.is_some() {
            return Err(fields::invalid(
                "parent",
                format!("more than {DEPTH} areas would lie one within another"),
            ));
        }
        if self
            .area(parent, cx)
            .is_some_and(|parent| level < parent.level)
        {
            return Err(fields::invalid(
                "level",
                format!("an area of this level cannot lie within {parent}"),
            ));
        }
        Ok(())
    }

    pub(crate) fn define_department(
        &self,
        command: &Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let Command::DefineDepartment { code, name, area } = command else {
            unreachable!("decide hands each command to its own verb")
        };
        self.needs_area(area, cx)?;
        let before = self.layer.departments.get(code);
        self.may_here(command.verb(), area, before.map(|known| &known.area), cx)?;
        fields::code("code", code.as_str())?;
        let department = Department {
            code: code.clone(),
            name: fields::name("name", name, ON_CARDS)?,
            area: area.clone(),
        };
        Ok(if before == Some(&department) {
            Vec::new()
        } else {
            vec![Event::DepartmentDefined { department }]
        })
    }

    pub(crate) fn define_post(
        &self,
        command: &Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let Command::DefinePost {
            code,
            name,
            kind,
            area,
            leader,
            members,
        } = command
        else {
            unreachable!("decide hands each command to its own verb")
        };
        self.needs_area(area, cx)?;
        let before = self.layer.posts.get(code);
        self.may_here(command.verb(), area, before.map(|known| &known.area), cx)?;
        fields::code("code", code.as_str())?;
        let name = fields::name("name", name, ON_CARDS)?;
        if leader.trim().is_empty() {
            return Err(fields::missing(
                "leader",
                "somebody signs the sheets of a post off",
            ));
        }
        let leader = self.needs_person(leader, cx)?.id.clone();
        let mut people: Vec<PersonId> = Vec::with_capacity(members.len());
        for member in members {
            let id = &self.needs_person(member, cx)?.id;
            if !people.contains(id) {
                people.push(id.clone());
            }
        }
        let post = Post {
            code: code.clone(),
            name,
            kind: *kind,
            area: area.clone(),
            leader,
            members: people,
        };
        Ok(if before == Some(&post) {
            Vec::new()
        } else {
            vec![Event::PostDefined { post }]
        })
    }

    pub(crate) fn register_institution(
        &self,
        command: &Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let Command::RegisterInstitution {
            code,
            name,
            kind,
            training,
            licence,
            address,
            area,
            school_district,
            risk,
            list,
        } = command
        else {
            unreachable!("decide hands each command to its own verb")
        };
        self.needs_area(area, cx)?;
        let before = self.layer.institutions.get(code);
        self.may_here(command.verb(), area, before.map(|known| &known.area), cx)?;
        fields::code("code", code.as_str())?;
        if before.is_none() && is_place_number(code.as_str()) {
            return Err(fields::invalid(
                "code",
                format!(
                    "`{code}` is a number of the kind that found places get; choose another code"
                ),
            ));
        }
        if !matches!(
            kind,
            SubjectKind::Institution | SubjectKind::School | SubjectKind::UnlistedPlace
        ) {
            return Err(fields::invalid(
                "kind",
                "it is none of institution, school, unlisted_place",
            ));
        }
        let institution = Institution {
            code: code.clone(),
            name: fields::name("name", name, ON_CARDS)?,
            kind: *kind,
            training: *training,
            licence: fields::word(
                "licence",
                licence.as_deref(),
                &["licensed", "registered_only", "none"],
            )?,
            address: fields::line("address", address, fields::ADDRESS)?.unwrap_or_default(),
            area: area.clone(),
            school_district: fields::line(
                "school_district",
                school_district.as_deref().unwrap_or_default(),
                fields::NAME,
            )?,
            risk: fields::word("risk", risk.as_deref(), &["low", "normal", "high"])?,
            list: fields::word("list", list.as_deref(), &["white", "black", "none"])?
                .filter(|list| list != "none"),
        };
        Ok(if before == Some(&institution) {
            Vec::new()
        } else {
            vec![Event::InstitutionRegistered { institution }]
        })
    }

    /// A place on no list, found by somebody: once by its number.
    pub(crate) fn list_place(&self, place: &PlaceId, area: &AreaCode, address: &str) -> Vec<Event> {
        let code = InstitutionCode::from(place.as_str());
        if self.layer.institutions.contains_key(&code) {
            return Vec::new();
        }
        let institution = Institution {
            name: format!("未登记场所 {place}"),
            kind: SubjectKind::UnlistedPlace,
            training: None,
            licence: None,
            address: address.to_owned(),
            area: area.clone(),
            school_district: None,
            risk: None,
            list: None,
            code,
        };
        vec![Event::InstitutionRegistered { institution }]
    }

    /// Permission to change something that lies here and lay there.
    pub(crate) fn may_here(
        &self,
        action: &str,
        here: &AreaCode,
        there: Option<&AreaCode>,
        cx: &Decision<'_>,
    ) -> Result<(), Refusal> {
        self.may(action, Some(here), cx)?;
        match there {
            Some(there) if there != here => self.may(action, Some(there), cx),
            _ => Ok(()),
        }
    }
}

/// True if a code is one that dispatch gives to a place on no list; such a code must stay free for it.
fn is_place_number(code: &str) -> bool {
    code.strip_prefix("U-").is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
