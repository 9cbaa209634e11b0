"""What happens to victims: contact, assessment, support, and the staff it takes."""
