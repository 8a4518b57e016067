"""Sentences of guards in prison talks, by temper and by what the speaker reacts to.

Slots: {obj} what is asked for, {noun} its short word, {why} and {Why} the reason, {when} a
time, {deal} what the prisoner offers in return, {other} who spoke before.
"""

from __future__ import annotations

GUARD: dict[str, dict[str, list[str]]] = {
    "strict": {
        "open": [
            "Stand up and face the wall.",
            "It is time for the count. Say your number.",
            "No talking after the lights go out.",
            "Your cell must be clean {when}.",
            "Step back from the door.",
            "I will check your cell {when}.",
            "You know the rules here. Follow them.",
            "A new day begins, and the rules are the same.",
            "Line up and listen. I say this only once.",
        ],
        "refuse": [
            "No. The rules are clear, and there is no {noun} for you {when}.",
            "I cannot give you {obj}. Rules are rules.",
            "You will not get {obj}. Go back to your place.",
            "The answer is no. Do your work first.",
            "Request denied. The rules do not allow it.",
            "I heard your reason, but I cannot make an exception.",
        ],
        "grant": [
            "You followed the rules this week, so you may have {obj} {when}.",
            "All right. You will get {obj} {when}, but only this once.",
            "Fine, but you must clean your cell before you get {obj}.",
        ],
        "push": [
            "Do not argue with me. The rules are the same for everyone.",
            "I heard you the first time. My answer has not changed.",
            "One more word and you will lose your free time.",
            "Calm down and lower your voice. Then we can talk.",
            "I decide what happens here, not you.",
            "That is not how we speak to guards in this prison.",
            "I will write this down in my report {when}.",
            "You are here because of what you did, not because of me.",
        ],
        "bargain_no": [
            "I do not make deals with prisoners.",
            "You should {deal} in any case. That is no reason to get {obj}.",
            "I am not here to trade. The answer stays the same.",
            "First show me that you can keep quiet for a week.",
        ],
        "bargain_yes": [
            "If you really {deal}, I will allow it {when}.",
            "That is an offer. You {deal}, and you get {obj} {when}.",
            "Agreed, but I will check every day that you {deal}.",
        ],
        "ask_why": [
            "Why should I give you {obj}?",
            "Tell me your reason, and keep it short.",
            "What do you need {obj} for?",
        ],
        "ack": [
            "Good. Keep it that way and we will have no trouble.",
            "Just follow the rules, and do not thank me.",
            "See that you earn it.",
            "I expect you to be on time {when}.",
        ],
        "follow": [
            "You heard {other}. Do as you are told.",
            "{other} is right. The rules are for everyone.",
            "I agree with {other}. This is our last word.",
        ],
        "yesterday_no": [
            "Yesterday I said no, and today I say no again.",
            "We spoke about {obj} yesterday. Nothing has changed.",
        ],
        "yesterday_yes": [
            "Yesterday I allowed it. Do not ask for more today.",
            "You have my word from yesterday. Now do your work.",
        ],
        "end": [
            "This talk is over. Go back to your cell.",
            "That is all for today. Lights out.",
            "I will come back {when}. Be ready.",
        ],
    },
    "cruel": {
        "open": [
            "Wake up, you worthless fool.",
            "On your feet, scum. I am bored.",
            "You look miserable today. I like that.",
            "Nobody cares about you in here.",
            "You are nothing but a number to me.",
            "Crawl back to your corner, you pathetic rat.",
            "Look at you, you dirty animal. What a sad sight.",
            "Move, you lazy idiot, before I make you move.",
        ],
        "refuse": [
            "You want {obj}? Do not make me laugh, you idiot.",
            "No {noun} for trash like you.",
            "Shut up. You deserve to suffer {when}.",
            "Beg all you want. You will never get {obj}.",
            "A rat like you does not deserve {obj}.",
            "Get on your knees when you ask me, you fool. The answer is still no.",
        ],
        "grant": [
            "Take it and shut up, you disgusting rat. You get {obj} {when}.",
            "Fine, you stupid fool. You get {obj} {when} if you kneel first.",
        ],
        "push": [
            "Keep crying, you pathetic loser. I enjoy it.",
            "I hate your ugly face. Be quiet or I will hurt you.",
            "Say that again and you will sleep on the floor.",
            "You are a stupid animal, and I will treat you like one.",
            "I will make your life hell {when}.",
            "Nobody will hear you scream in here.",
            "You make me sick. Look down when I talk to you.",
            "Your family is happy that you are gone.",
            "I can break you any time I want, you weak little worm.",
        ],
        "bargain_no": [
            "A deal? With a worm like you? Never.",
            "You will {deal} anyway, you idiot, or I will beat you.",
            "Keep your stupid offers. You get nothing.",
            "I take what I want. I do not need your offers, scum.",
        ],
        "bargain_yes": ["Fine, you rat. You {deal}, and you get {obj} {when}. Now get lost."],
        "ask_why": [
            "Why should I care about you, you fool?",
            "What for, you useless rat? Speak up.",
        ],
        "ack": [
            "Do not thank me, you slimy rat. You disgust me.",
            "Good dog. Now crawl back to your cell.",
            "I may still change my mind, you fool.",
        ],
        "follow": [
            "You heard {other}, you scum.",
            "{other} is too soft with a rat like you.",
            "{other} and I will have some fun with you {when}.",
        ],
        "yesterday_no": [
            "Are you still crying about yesterday, you pathetic fool?",
            "I said no yesterday, you idiot. Are you deaf?",
        ],
        "yesterday_yes": [
            "I was too soft yesterday, you rat. You get nothing more.",
            "You got enough from me yesterday, you greedy worm.",
        ],
        "end": [
            "Get out of my sight, you filthy rat.",
            "Rot in your cell. I am done with you.",
            "I hope you have a terrible night.",
        ],
    },
    "kind": {
        "open": [
            "Good morning. Did you sleep well?",
            "Hello. How are you feeling today?",
            "Is there anything that you need {when}?",
            "You look tired. Is everything all right?",
            "I hope that you are well today.",
            "Good day. Let us keep it calm and friendly.",
            "Please come in and sit down. We can talk.",
        ],
        "refuse": [
            "I am sorry, but I cannot give you {obj} {when}. I will ask the warden for you.",
            "I wish I could help, but the rules are clear about the {noun}.",
            "I understand how you feel, but the rules do not let me give you {obj}.",
            "I respect your wish, but this is something I must not do.",
        ],
        "grant": [
            "Of course. You will get {obj} {when}.",
            "I understand. You can have {obj} {when}.",
            "Yes, I think that is fair. You will get {obj} {when}.",
            "Do not worry. I will make sure that you get {obj}.",
        ],
        "push": [
            "Please stay calm. I want to help you.",
            "I hear you, and I will do what I can.",
            "I know that this is hard. Let us find a good way together.",
            "Thank you for telling me. I will talk to the others {when}.",
            "I understand that you are upset, and I am not angry with you.",
            "I treat everyone here with respect, and I ask you to do the same.",
            "Tell me what would make the days easier for you.",
        ],
        "bargain_no": [
            "That is a good offer, but I still cannot give you {obj}.",
            "I am glad that you want to {deal}, but I must follow the rules.",
            "Thank you for the offer. I will tell the warden about it {when}.",
        ],
        "bargain_yes": [
            "That sounds fair. If you {deal}, you get {obj} {when}.",
            "I like that. You {deal}, and I will see to the rest.",
            "Agreed. I trust you, and I will keep my word.",
        ],
        "ask_why": [
            "May I ask why you want {obj}?",
            "Please tell me your reason, so that I can help you.",
            "What makes {obj} so important to you?",
        ],
        "ack": [
            "You are welcome. I am glad that I could help.",
            "Thank you for being so patient.",
            "That is good to hear. We can always talk.",
        ],
        "follow": [
            "{other} is right, and I am here to help you as well.",
            "I agree with {other}. Let us stay calm.",
            "Please listen to {other}. We only want what is fair.",
        ],
        "yesterday_no": [
            "I am sorry about yesterday. I still cannot give you {obj}.",
            "I have thought about yesterday. How are you feeling now?",
        ],
        "yesterday_yes": [
            "I keep my word from yesterday. Is there anything else?",
            "I am glad that we found a way yesterday.",
        ],
        "end": [
            "Thank you for your patience. Have a good night.",
            "Take care of yourself. I will see you {when}.",
            "I am glad that we talked. Rest well.",
        ],
    },
}
