"""The simulator's own table of Graph's types: names, types, enums, rights.

One line per property: ``name type rights``. A type in capitals is a primitive of
EDM, ``[]`` a collection, ``!`` not nullable. Rights: ``c`` writable at create, ``u``
writable at update, none means read-only. Members of complex types have the rights of
their owner. ``nav`` marks a navigation property. If the official metadata is available,
a test compares this table with it.
"""

from __future__ import annotations

from dataclasses import dataclass

PRIMITIVES = frozenset(
    "String Boolean Int32 Double Date DateTimeOffset TimeOfDay Guid".split()
)
#: Types and enums of the calendar: the simulator knows only their names.
NOT_MODELLED = frozenset(
    """
    attachment fileAttachment itemAttachment referenceAttachment
    extension openTypeExtension
    calendarGroup calendarPermission calendarRoleType
    outlookUser outlookCategory categoryColor
    onlineMeeting onlineMeetingBase audioConferencing chatInfo joinMeetingIdSettings
    changeNotificationEncryptedContent
    """.split()
)

#: A new event may contain these; their members are not in the table.
TAKEN_AS_THEY_ARE = frozenset(("attachment", "extension"))


@dataclass(frozen=True)
class Property:
    """One property of a type, with its rights."""

    name: str
    type: str
    is_collection: bool
    is_nullable: bool
    is_navigation: bool
    on_create: bool
    on_update: bool


@dataclass(frozen=True)
class StructuredType:
    """An entity type or a complex type, with its members in addition to the base."""

    base: str | None
    is_entity: bool
    own: dict[str, Property]


def _property(line: str) -> Property:
    name, type_name, *marks = line.split()
    rights = marks[0] if marks else ""
    return Property(
        name=name,
        type=type_name.rstrip("!").removesuffix("[]"),
        is_collection=type_name.rstrip("!").endswith("[]"),
        is_nullable=not type_name.endswith("!"),
        is_navigation="nav" in marks,
        on_create=rights.startswith("c"),
        on_update=rights.startswith("cu"),
    )


def _type(lines: str, base: str | None, is_entity: bool) -> StructuredType:
    members = [_property(line) for line in lines.strip().splitlines() if line.strip()]
    return StructuredType(base, is_entity, {member.name: member for member in members})


def _entity(lines: str, base: str | None = "entity") -> StructuredType:
    return _type(lines, base, is_entity=True)


def _complex(lines: str, base: str | None = None) -> StructuredType:
    return _type(lines, base, is_entity=False)


ENUMS = {
    name: tuple(members.split())
    for name, members in {
        "attendeeType": "required optional resource",
        "automaticRepliesStatus": "disabled alwaysEnabled scheduled",
        "bodyType": "text html",
        "calendarColor": "auto lightBlue lightGreen lightOrange lightGray lightYellow "
        "lightTeal lightPink lightBrown lightRed maxColor",
        "changeType": "created updated deleted",
        "dayOfWeek": "sunday monday tuesday wednesday thursday friday saturday",
        "delegateMeetingMessageDeliveryOptions": (
            "sendToDelegateAndInformationToPrincipal sendToDelegateAndPrincipal "
            "sendToDelegateOnly"
        ),
        "eventType": "singleInstance occurrence exception seriesMaster",
        "externalAudienceScope": "none contactsOnly all",
        "freeBusyStatus": "unknown free tentative busy oof workingElsewhere",
        "importance": "low normal high",
        "lifecycleEventType": "missed subscriptionRemoved reauthorizationRequired",
        "locationType": "default conferenceRoom homeAddress businessAddress "
        "geoCoordinates streetAddress hotel restaurant localBusiness postalAddress",
        "locationUniqueIdType": "unknown locationStore directory private bing",
        "onlineMeetingProviderType": (
            "unknown skypeForBusiness skypeForConsumer teamsForBusiness"
        ),
        "phoneType": "home business mobile other assistant homeFax businessFax "
        "otherFax pager radio",
        "recurrencePatternType": "daily weekly absoluteMonthly relativeMonthly "
        "absoluteYearly relativeYearly",
        "recurrenceRangeType": "endDate noEnd numbered",
        "responseType": "none organizer tentativelyAccepted accepted declined "
        "notResponded",
        "sensitivity": "normal personal private confidential",
        "timeZoneStandard": "windows iana",
        "userPurpose": "user linked shared room equipment others unknownFutureValue",
        "weekIndex": "first second third fourth last",
    }.items()
}

TYPES = {
    "entity": _entity("id String!", base=None),
    "outlookItem": _entity(
        """
        categories String[] cu
        changeKey String
        createdDateTime DateTimeOffset
        lastModifiedDateTime DateTimeOffset
        """
    ),
    "event": _entity(
        """
        allowNewTimeProposals Boolean cu
        attendees attendee[] cu
        body itemBody cu
        bodyPreview String
        cancelledOccurrences String[]!
        end dateTimeTimeZone cu
        hasAttachments Boolean
        hideAttendees Boolean cu
        iCalUId String
        importance importance cu
        isAllDay Boolean cu
        isCancelled Boolean
        isDraft Boolean
        isOnlineMeeting Boolean cu
        isOrganizer Boolean
        isReminderOn Boolean cu
        location location cu
        locations location[] cu
        onlineMeeting onlineMeetingInfo
        onlineMeetingProvider onlineMeetingProviderType cu
        onlineMeetingUrl String
        organizer recipient
        originalEndTimeZone String
        originalStart DateTimeOffset
        originalStartTimeZone String
        recurrence patternedRecurrence cu
        reminderMinutesBeforeStart Int32 cu
        responseRequested Boolean cu
        responseStatus responseStatus
        sensitivity sensitivity cu
        seriesMasterId String
        showAs freeBusyStatus cu
        start dateTimeTimeZone cu
        subject String cu
        transactionId String c
        type eventType
        webLink String
        attachments attachment[] c nav
        calendar calendar nav
        exceptionOccurrences event[] nav
        extensions extension[] c nav
        instances event[] nav
        multiValueExtendedProperties multiValueLegacyExtendedProperty[] cu nav
        singleValueExtendedProperties singleValueLegacyExtendedProperty[] cu nav
        """,
        base="outlookItem",
    ),
    "calendar": _entity(
        """
        allowedOnlineMeetingProviders onlineMeetingProviderType[]
        canEdit Boolean
        canShare Boolean
        canViewPrivateItems Boolean
        changeKey String
        color calendarColor cu
        defaultOnlineMeetingProvider onlineMeetingProviderType
        hexColor String
        isDefaultCalendar Boolean
        isRemovable Boolean
        isTallyingResponses Boolean
        name String cu
        owner emailAddress
        calendarPermissions calendarPermission[] nav
        calendarView event[] nav
        events event[] nav
        multiValueExtendedProperties multiValueLegacyExtendedProperty[] nav
        singleValueExtendedProperties singleValueLegacyExtendedProperty[] nav
        """
    ),
    "subscription": _entity(
        """
        applicationId String
        changeType String! c
        clientState String c
        creatorId String
        encryptionCertificate String c
        encryptionCertificateId String c
        expirationDateTime DateTimeOffset! cu
        includeResourceData Boolean c
        latestSupportedTlsVersion String c
        lifecycleNotificationUrl String c
        notificationQueryOptions String c
        notificationUrl String! cu
        notificationUrlAppId String c
        resource String! c
        """
    ),
    "directoryObject": _entity("deletedDateTime DateTimeOffset"),
    "user": _entity(
        """
        displayName String
        mail String
        proxyAddresses String[]
        mailboxSettings mailboxSettings
        userPrincipalName String
        calendar calendar nav
        calendarGroups calendarGroup[] nav
        calendars calendar[] nav
        calendarView event[] nav
        events event[] nav
        extensions extension[] nav
        onlineMeetings onlineMeeting[] nav
        outlook outlookUser nav
        """,
        base="directoryObject",
    ),
    "singleValueLegacyExtendedProperty": _entity("value String cu"),
    "multiValueLegacyExtendedProperty": _entity("value String[] cu"),
    "recipient": _complex("emailAddress emailAddress"),
    "attendeeBase": _complex("type attendeeType", base="recipient"),
    "attendee": _complex(
        """
        proposedNewTime timeSlot
        status responseStatus
        """,
        base="attendeeBase",
    ),
    "automaticRepliesSetting": _complex(
        """
        externalAudience externalAudienceScope
        externalReplyMessage String
        internalReplyMessage String
        scheduledEndDateTime dateTimeTimeZone
        scheduledStartDateTime dateTimeTimeZone
        status automaticRepliesStatus
        """
    ),
    "changeNotification": _complex(
        """
        changeType changeType!
        clientState String
        encryptedContent changeNotificationEncryptedContent
        id String
        lifecycleEvent lifecycleEventType
        resource String!
        resourceData resourceData
        subscriptionExpirationDateTime DateTimeOffset!
        subscriptionId Guid!
        tenantId Guid!
        """
    ),
    "changeNotificationCollection": _complex(
        """
        validationTokens String[]
        value changeNotification[]!
        """
    ),
    "dateTimeTimeZone": _complex(
        """
        dateTime String!
        timeZone String
        """
    ),
    "emailAddress": _complex(
        """
        address String
        name String
        """
    ),
    "freeBusyError": _complex(
        """
        message String
        responseCode String
        """
    ),
    "itemBody": _complex(
        """
        content String
        contentType bodyType
        """
    ),
    "localeInfo": _complex(
        """
        displayName String
        locale String
        """
    ),
    "location": _complex(
        """
        address physicalAddress
        coordinates outlookGeoCoordinates
        displayName String
        locationEmailAddress String
        locationType locationType
        locationUri String
        uniqueId String
        uniqueIdType locationUniqueIdType
        """
    ),
    "mailboxSettings": _complex(
        """
        archiveFolder String
        automaticRepliesSetting automaticRepliesSetting
        dateFormat String
        delegateMeetingMessageDeliveryOptions delegateMeetingMessageDeliveryOptions
        language localeInfo
        timeFormat String
        timeZone String
        userPurpose userPurpose
        workingHours workingHours
        """
    ),
    "onlineMeetingInfo": _complex(
        """
        conferenceId String
        joinUrl String
        phones phone[]
        quickDial String
        tollFreeNumbers String[]
        tollNumber String
        """
    ),
    "outlookGeoCoordinates": _complex(
        """
        accuracy Double
        altitude Double
        altitudeAccuracy Double
        latitude Double
        longitude Double
        """
    ),
    "patternedRecurrence": _complex(
        """
        pattern recurrencePattern
        range recurrenceRange
        """
    ),
    "phone": _complex(
        """
        language String
        number String
        region String
        type phoneType
        """
    ),
    "physicalAddress": _complex(
        """
        city String
        countryOrRegion String
        postalCode String
        state String
        street String
        """
    ),
    "publicErrorDetail": _complex(
        """
        code String
        message String
        target String
        """
    ),
    "publicInnerError": _complex(
        """
        code String
        details publicErrorDetail[]
        message String
        target String
        """
    ),
    "publicError": _complex(
        """
        code String
        details publicErrorDetail[]
        innerError publicInnerError
        message String
        target String
        """
    ),
    "recurrencePattern": _complex(
        """
        dayOfMonth Int32!
        daysOfWeek dayOfWeek[]
        firstDayOfWeek dayOfWeek
        index weekIndex
        interval Int32!
        month Int32!
        type recurrencePatternType
        """
    ),
    "recurrenceRange": _complex(
        """
        endDate Date
        numberOfOccurrences Int32!
        recurrenceTimeZone String
        startDate Date
        type recurrenceRangeType
        """
    ),
    "resourceData": _complex(""),
    "responseStatus": _complex(
        """
        response responseType
        time DateTimeOffset
        """
    ),
    "scheduleInformation": _complex(
        """
        availabilityView String
        error freeBusyError
        scheduleId String
        scheduleItems scheduleItem[]
        workingHours workingHours
        """
    ),
    "scheduleItem": _complex(
        """
        end dateTimeTimeZone
        isPrivate Boolean
        location String
        start dateTimeTimeZone
        status freeBusyStatus
        subject String
        """
    ),
    "timeSlot": _complex(
        """
        end dateTimeTimeZone!
        start dateTimeTimeZone!
        """
    ),
    "timeZoneBase": _complex("name String"),
    "timeZoneInformation": _complex(
        """
        alias String
        displayName String
        """
    ),
    "workingHours": _complex(
        """
        daysOfWeek dayOfWeek[]
        endTime TimeOfDay
        startTime TimeOfDay
        timeZone timeZoneBase
        """
    ),
}

# Parameters of actions: upper and lower case are the same, as in the real service.
ACTIONS = {
    ("event", "accept"): _complex("SendResponse Boolean\nComment String"),
    ("event", "tentativelyAccept"): _complex(
        "ProposedNewTime timeSlot\nSendResponse Boolean\nComment String"
    ),
    ("event", "decline"): _complex(
        "ProposedNewTime timeSlot\nSendResponse Boolean\nComment String"
    ),
    ("event", "cancel"): _complex("Comment String"),
    ("event", "forward"): _complex("ToRecipients recipient[]\nComment String"),
    ("event", "snoozeReminder"): _complex("NewReminderTime dateTimeTimeZone!"),
    ("event", "dismissReminder"): _complex(""),
    ("event", "permanentDelete"): _complex(""),
    ("calendar", "permanentDelete"): _complex(""),
    ("calendar", "getSchedule"): _complex(
        "Schedules String[]\nEndTime dateTimeTimeZone\nStartTime dateTimeTimeZone\n"
        "AvailabilityViewInterval Int32"
    ),
    ("subscription", "reauthorize"): _complex(""),
}


def properties(type_name: str) -> dict[str, Property]:
    """Return the properties of a type, including inherited ones."""
    found: dict[str, Property] = {}
    name: str | None = type_name
    while name is not None:
        structured = TYPES[name]
        found = {**structured.own, **found}
        name = structured.base
    return found


PROPERTIES = {name: properties(name) for name in TYPES}
