//! The schemas (RFC 7643): which attributes a user and a group have here. Everything else reads these tables:
//! what is kept of a request, what a filter compares, what `/Schemas` says.

use serde_json::{Value, json};

use super::{Problem, ProblemKind};

/// The schema of users.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema of groups.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The extension of users in an enterprise.
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Text.
    Text,
    /// True or false.
    Flag,
    /// A moment.
    Moment,
    /// The address of something; of what, where that is a resource.
    Reference(&'static [&'static str]),
    /// Attributes of its own.
    Parts(&'static [Attribute]),
}

/// An attribute of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the characteristics of RFC 7643, section 2.2, are apart")]
pub struct Attribute {
    /// Its name, written as in answers.
    pub name: &'static str,
    /// What it is.
    pub says: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Whether it holds several.
    pub many: bool,
    /// Whether it must be there.
    pub required: bool,
    /// Whether upper and lower case differ.
    pub exact: bool,
    /// Whether only the desk sets it.
    pub read_only: bool,
    /// Whether it never changes once it is set.
    pub fixed: bool,
    /// Whether no two have the same.
    pub unique: bool,
    /// Whether it is in every answer.
    pub always: bool,
    /// The values that are usual.
    pub usual: &'static [&'static str],
}

impl Attribute {
    const fn new(name: &'static str, holds: Holds, says: &'static str) -> Self {
        Self {
            name,
            says,
            holds,
            many: false,
            required: false,
            exact: false,
            read_only: false,
            fixed: false,
            unique: false,
            always: false,
            usual: &[],
        }
    }

    const fn text(name: &'static str, says: &'static str) -> Self {
        Self::new(name, Holds::Text, says)
    }

    const fn flag(name: &'static str, says: &'static str) -> Self {
        Self::new(name, Holds::Flag, says)
    }

    const fn parts(name: &'static str, parts: &'static [Self], says: &'static str) -> Self {
        Self::new(name, Holds::Parts(parts), says)
    }

    const fn link(name: &'static str, to: &'static [&'static str], says: &'static str) -> Self {
        Self { exact: true, ..Self::new(name, Holds::Reference(to), says) }
    }

    const fn many(self) -> Self {
        Self { many: true, ..self }
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    const fn exact(self) -> Self {
        Self { exact: true, ..self }
    }

    const fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    const fn fixed(self) -> Self {
        Self { fixed: true, ..self }
    }

    const fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    const fn always(self) -> Self {
        Self { always: true, ..self }
    }

    const fn usual(self, usual: &'static [&'static str]) -> Self {
        Self { usual, ..self }
    }

    /// Its own attributes.
    #[must_use]
    pub const fn inner(&self) -> &'static [Self] {
        match self.holds {
            Holds::Parts(parts) => parts,
            _ => &[],
        }
    }

    fn described(&self) -> Value {
        let kind = match self.holds {
            Holds::Text => "string",
            Holds::Flag => "boolean",
            Holds::Moment => "dateTime",
            Holds::Reference(_) => "reference",
            Holds::Parts(_) => "complex",
        };
        let mutability = match (self.read_only, self.fixed) {
            (true, _) => "readOnly",
            (false, true) => "immutable",
            (false, false) => "readWrite",
        };
        let mut described = json!({
            "name": self.name,
            "type": kind,
            "multiValued": self.many,
            "description": self.says,
            "required": self.required,
            "mutability": mutability,
            "returned": if self.always { "always" } else { "default" },
        });
        match self.holds {
            Holds::Parts(parts) => described["subAttributes"] = parts.iter().map(Self::described).collect(),
            Holds::Flag => {}
            Holds::Text | Holds::Moment | Holds::Reference(_) => {
                described["caseExact"] = json!(self.exact);
                described["uniqueness"] = json!(if self.unique { "server" } else { "none" });
            }
        }
        if let Holds::Reference(to) = self.holds {
            described["referenceTypes"] = json!(to);
        }
        if !self.usual.is_empty() {
            described["canonicalValues"] = json!(self.usual);
        }
        described
    }
}

/// The attribute of this name, compared without case (RFC 7643, section 2.1).
#[must_use]
pub fn find(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// What every resource has beside its schema (RFC 7643, section 3.1).
pub const COMMON: &[Attribute] = &[
    Attribute::text("id", "The id that the desk gave it.").exact().read_only().unique().always(),
    Attribute::text("externalId", "The id by which the directory knows it.").exact().unique(),
    Attribute::link("schemas", &["uri"], "The schemas of the resource.").many().read_only().always(),
    Attribute::parts("meta", META, "About the resource itself.").read_only(),
];

const META: &[Attribute] = &[
    Attribute::text("resourceType", "User or Group.").exact().read_only(),
    Attribute::new("created", Holds::Moment, "When it came to be.").read_only(),
    Attribute::link("location", &["uri"], "Where it is.").read_only(),
    Attribute::text("version", "Its entity tag.").exact().read_only(),
];

const NAME: &[Attribute] = &[
    Attribute::text("formatted", "The whole name, as it is shown."),
    Attribute::text("familyName", "The family name."),
    Attribute::text("givenName", "The given name."),
    Attribute::text("middleName", "Middle names."),
    Attribute::text("honorificPrefix", "A title before the name."),
    Attribute::text("honorificSuffix", "What stands behind the name."),
];

const PRIMARY: Attribute = Attribute::flag("primary", "Whether it is the one to use.");

const EMAILS: &[Attribute] = &[
    Attribute::text("value", "The address.").required(),
    Attribute::text("display", "The address as it is shown."),
    Attribute::text("type", "What it is for.").usual(&["work", "home", "other"]),
    PRIMARY,
];

const PHONES: &[Attribute] = &[
    Attribute::text("value", "The number."),
    Attribute::text("display", "The number as it is shown."),
    Attribute::text("type", "What it is for.").usual(&["work", "home", "mobile", "fax", "pager", "other"]),
    PRIMARY,
];

const ADDRESSES: &[Attribute] = &[
    Attribute::text("formatted", "The whole address."),
    Attribute::text("streetAddress", "Street and number."),
    Attribute::text("locality", "The town."),
    Attribute::text("region", "The state or region."),
    Attribute::text("postalCode", "The postal code."),
    Attribute::text("country", "The country."),
    Attribute::text("type", "What it is for.").usual(&["work", "home", "other"]),
    PRIMARY,
];

const GROUPS: &[Attribute] = &[
    Attribute::text("value", "The id of the team.").exact().read_only(),
    Attribute::link("$ref", &["Group"], "Where the team is.").read_only(),
    Attribute::text("display", "The name of the team.").read_only(),
    Attribute::text("type", "How they are in it.").usual(&["direct"]).read_only(),
];

/// The attributes of a user.
pub const USER_ATTRIBUTES: &[Attribute] = &[
    Attribute::text(
        "userName",
        "How the directory calls the account; an email address is the one to sign in with.",
    )
    .required()
    .unique(),
    Attribute::parts("name", NAME, "The parts of the name."),
    Attribute::text("displayName", "The name shown."),
    Attribute::text("nickName", "How they are called."),
    Attribute::link("profileUrl", &["external"], "A page about them."),
    Attribute::text("title", "Their title in the company."),
    Attribute::text("userType", "What they are to the company."),
    Attribute::text("preferredLanguage", "The language they prefer."),
    Attribute::text("locale", "How they write dates and numbers."),
    Attribute::text("timezone", "Their time zone."),
    Attribute::flag("active", "Whether they can sign in; who comes without it can."),
    Attribute::parts("emails", EMAILS, "Their email addresses; one is needed where the user name is none.")
        .many()
        .required(),
    Attribute::parts("phoneNumbers", PHONES, "Their telephone numbers.").many(),
    Attribute::parts("addresses", ADDRESSES, "Where they are to be found.").many(),
    Attribute::parts("groups", GROUPS, "The teams they are in.").many().read_only(),
];

const MANAGER: &[Attribute] = &[
    Attribute::text("value", "The id of the manager.").exact(),
    Attribute::link("$ref", &["User"], "Where the manager is."),
    Attribute::text("displayName", "The manager's name.").read_only(),
];

/// The attributes of the enterprise extension.
pub const ENTERPRISE_ATTRIBUTES: &[Attribute] = &[
    Attribute::text("employeeNumber", "Their number in the company."),
    Attribute::text("costCenter", "Their cost center."),
    Attribute::text("organization", "Their organization."),
    Attribute::text("division", "Their division."),
    Attribute::text("department", "Their department."),
    Attribute::parts("manager", MANAGER, "Who leads them."),
];

const MEMBERS: &[Attribute] = &[
    Attribute::text("value", "The id of the user.").exact().fixed(),
    Attribute::link("$ref", &["User"], "Where the user is.").fixed(),
    Attribute::text("type", "What the member is.").usual(&["User"]).fixed(),
];

/// The attributes of a group.
pub const GROUP_ATTRIBUTES: &[Attribute] = &[
    Attribute::text("displayName", "The name of the team.").required().unique(),
    Attribute::parts("members", MEMBERS, "Who is in the team.").many(),
];

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceType {
    /// A user (or a customer: the token says which).
    User,
    /// A team.
    Group,
}

impl ResourceType {
    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// Where its resources are, below the base.
    #[must_use]
    pub const fn endpoint(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }

    /// Its schema.
    #[must_use]
    pub const fn schema(self) -> &'static str {
        match self {
            Self::User => USER,
            Self::Group => GROUP,
        }
    }

    /// The attributes of its schema.
    #[must_use]
    pub const fn attributes(self) -> &'static [Attribute] {
        match self {
            Self::User => USER_ATTRIBUTES,
            Self::Group => GROUP_ATTRIBUTES,
        }
    }

    /// The extensions of its schema.
    #[must_use]
    pub const fn extensions(self) -> &'static [(&'static str, &'static [Attribute])] {
        match self {
            Self::User => &[(ENTERPRISE, ENTERPRISE_ATTRIBUTES)],
            Self::Group => &[],
        }
    }

    /// An attribute of the resource itself.
    #[must_use]
    pub fn attribute(self, name: &str) -> Option<&'static Attribute> {
        find(self.attributes(), name).or_else(|| find(COMMON, name))
    }

    /// An extension by its URN, compared without case.
    #[must_use]
    pub fn extension(self, urn: &str) -> Option<(&'static str, &'static [Attribute])> {
        self.extensions().iter().copied().find(|(name, _)| name.eq_ignore_ascii_case(urn))
    }

    /// What `/ResourceTypes` says of it; `base` is where SCIM is.
    #[must_use]
    pub fn described(self, base: &str) -> Value {
        let extensions: Vec<Value> =
            self.extensions().iter().map(|(urn, _)| json!({ "schema": urn, "required": false })).collect();
        let mut described = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": self.word(),
            "name": self.word(),
            "description": match self { Self::User => "People of the desk.", Self::Group => "Teams." },
            "endpoint": self.endpoint(),
            "schema": self.schema(),
            "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", self.word()) },
        });
        if !extensions.is_empty() {
            described["schemaExtensions"] = json!(extensions);
        }
        described
    }
}

/// What `/Schemas` says of the schemas of these resource types; `base` is where SCIM is.
#[must_use]
pub fn described(types: &[ResourceType], base: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for kind in types {
        all.push((kind.schema(), kind.word(), kind.attributes()));
        all.extend(kind.extensions().iter().map(|(urn, attributes)| (*urn, "EnterpriseUser", *attributes)));
    }
    let one = |(urn, name, attributes): (&str, &str, &'static [Attribute])| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": urn,
            "name": name,
            "description": name,
            "attributes": attributes.iter().map(Attribute::described).collect::<Vec<_>>(),
            "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{urn}") },
        })
    };
    all.into_iter().map(one).collect()
}

/// The refusal of a path or a name that no schema has.
pub(super) fn unknown(name: &str) -> Problem {
    Problem::new(
        ProblemKind::InvalidPath,
        format!("There is no attribute {name}. /Schemas lists those that there are."),
    )
}
